import type { ConverseStreamCommandInput } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { checkModel, delayed, modelAnswerer, offline, parseModel } from '../../src/bedrock/index.ts'
import { requestOf } from '../../src/bedrock/pass-through.ts'
import { ManualClock } from '../../src/clock.ts'
import { events, HELLO, MODEL, quiet, says, start, stopIn, textIn, toolInputIn } from './bedrock-world.ts'

test('what is meant for one family of models is passed on to that family only', () => {
  const request = { messages: [], additionalModelRequestFields: { thinking: { type: 'disabled' } } }
  const passedOn = (asked: string, real: string) => requestOf(request, asked, real).additionalModelRequestFields
  expect(passedOn('global.anthropic.claude-haiku-5-5', 'us.anthropic.claude-haiku-5-5')).toBeDefined()
  expect(passedOn('anthropic.claude-haiku-4-5-20251001-v1:0', 'eu.anthropic.claude-haiku-4-5')).toBeDefined()
  expect(passedOn('global.anthropic.claude-haiku-5-5', 'amazon.nova-lite-v1:0')).toBeUndefined()
  expect(passedOn('global.anthropic.claude-haiku-5-5', 'anthropic.claude-opus-5-5')).toBeUndefined()
})

describe('offline', () => {
  const ask = (schema: object) =>
    ({
      ...HELLO,
      toolConfig: {
        tools: [{ toolSpec: { name: 'hand_in', inputSchema: { json: schema } } }],
        toolChoice: { any: {} },
      },
    }) as ConverseStreamCommandInput

  test('says that no language model was asked, and gives the same answer twice', async () => {
    const { client } = await start(quiet())
    const [first, second] = [await events(client, HELLO), await events(client, HELLO)]
    expect(textIn(first)).toMatch(/no language model was asked/)
    expect(textIn(first)).toBe(textIn(second))
    expect(stopIn(first)).toBe('end_turn')
  })

  test('makes the smallest value of a schema it knows nothing about', async () => {
    const { client } = await start(quiet())
    const all = await events(
      client,
      ask({
        type: 'object',
        properties: {
          summary: { type: 'string' },
          kind: { enum: ['b', 'a'] },
          count: { type: 'integer', exclusiveMinimum: 3 },
          when: { type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' },
          day: { type: 'string', format: 'date' },
          parts: { type: 'array', minItems: 2, items: { $ref: '#/$defs/part' } },
          either: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
          short: { type: 'string', maxLength: 4 },
          optional: { type: 'string' },
        },
        required: ['summary', 'kind', 'count', 'when', 'day', 'parts', 'either', 'short'],
        $defs: { part: { type: 'object', properties: { ok: { const: true } }, required: ['ok'] } },
      }),
    )
    expect(stopIn(all)).toBe('tool_use')
    expect(toolInputIn(all)).toEqual({
      summary: 'offline: no language model was asked',
      kind: 'b',
      count: 4,
      when: '09:00',
      day: '2026-01-01',
      parts: [{ ok: true }, { ok: true }],
      either: false,
      short: 'offl',
    })
  })

  test('paces its text on the clock', async () => {
    const clock = new ManualClock()
    const request = { messages: [{ role: 'user' as const, content: [{ text: 'hi' }] }] }
    const iterator = offline({ clock, paceMs: 15 })(request, 'm', new AbortController().signal)[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: { messageStart: { role: 'assistant' } } })
    let second: unknown
    const reading = iterator.next().then(({ value }) => {
      second = value
    })
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(14)
    expect(second).toBeUndefined()
    await clock.advance(1)
    await reading
    expect(second).toMatchObject({ contentBlockDelta: { delta: { text: 'Offline: no ' } } })
  })
})

test('delayed waits on the clock before the first event', async () => {
  const clock = new ManualClock()
  const answer = delayed(says('late'), 1000, clock)
  const iterator = answer({ messages: [] }, 'm', new AbortController().signal)[Symbol.asyncIterator]()
  let first: unknown
  const reading = iterator.next().then(({ value }) => {
    first = value
  })
  await clock.advance(999)
  expect(first).toBeUndefined()
  await clock.advance(1)
  await reading
  expect(first).toEqual({ messageStart: { role: 'assistant' } })
})

describe('parseModel', () => {
  test('reads the three forms', () => {
    expect(parseModel('offline')).toEqual({ kind: 'offline' })
    expect(parseModel('openai:http://127.0.0.1:11434/v1#qwen3:8b')).toEqual({
      kind: 'openai',
      url: 'http://127.0.0.1:11434/v1',
      model: 'qwen3:8b',
    })
    expect(parseModel(`bedrock:${MODEL}`)).toEqual({ kind: 'bedrock', modelId: MODEL })
  })

  test.each([
    ['', /must be offline, openai:.*got ""/],
    ['gpt', /must be offline, openai:.*bedrock:<model id>, got "gpt"/],
    ['bedrock:', /must be offline/],
    ['openai:http://127.0.0.1:11434', /must name a model after the #/],
    ['openai:127.0.0.1#qwen3', /must have an http:\/\/ or https:\/\/ URL, got "127\.0\.0\.1"/],
  ])('refuses %j', (text, message) => {
    expect(() => parseModel(text)).toThrow(message)
  })

  test('offline needs nothing and answers', async () => {
    expect(await checkModel({ kind: 'offline' })).toBeUndefined()
    const { client } = await start(modelAnswerer({ kind: 'offline' }))
    expect(textIn(await events(client, HELLO))).toMatch(/no language model/)
  })
})
