import { bedrockError, type ConverseBody, type ModelAnswerer } from '@agent-jobs/local-cloud/bedrock'
import { describe, expect, test } from 'vitest'
import { start } from '../../packages/local-cloud/test/bedrock/bedrock-world.ts'
import { createBedrockModel } from '../../sdk/bedrock/bedrock-model.ts'
import { converseInput } from '../../sdk/bedrock/converse-input.ts'
import type { ConverseRequest } from '../../sdk/model.ts'
import { impossibleSetting, type ModelSettings } from '../../sdk/model-families.ts'

const tools = [{ name: 'find', description: 'Finds', inputSchema: { type: 'object' } }]

function request(more: Partial<ConverseRequest> = {}): ConverseRequest {
  return { messages: [{ role: 'user', content: [{ text: 'hello' }] }], signal: new AbortController().signal, ...more }
}

function asked(modelId: string, more: Partial<ConverseRequest> = {}) {
  const { inferenceConfig, additionalModelRequestFields, toolConfig } = converseInput(modelId, request(more), false)
  const toolChoice = Object.keys(toolConfig?.toolChoice ?? {})[0]
  return { maxTokens: inferenceConfig?.maxTokens, fields: additionalModelRequestFields, toolChoice }
}

describe('a request', () => {
  const forced = { tools, toolChoice: { tool: 'find' } }

  test.each([
    ['global.anthropic.claude-haiku-5-5', 16_000, { thinking: { type: 'disabled' } }, 'tool'],
    ['anthropic.claude-haiku-5-5-20261001-v1:0', 16_000, { thinking: { type: 'disabled' } }, 'tool'],
    ['us.anthropic.claude-sonnet-5-5', 16_000, { thinking: { type: 'between_tools' } }, 'auto'],
    ['us.anthropic.claude-opus-5-5', 32_000, { output_config: { effort: 'low' } }, 'auto'],
    ['us.anthropic.claude-fable-5-1', 32_000, { output_config: { effort: 'low' } }, 'auto'],
    ['us.anthropic.claude-opus-5', 16_000, { thinking: { type: 'disabled' } }, 'tool'],
    ['us.anthropic.claude-opus-4-7', 16_000, undefined, 'tool'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 16_000, undefined, 'tool'],
    ['us.anthropic.claude-tomorrow-7', 16_000, undefined, 'tool'],
    ['us.amazon.nova-lite-v1:0', 4_096, undefined, 'tool'],
  ])(
    'to %s has room for an answer, little thinking, and no force that it refuses',
    (modelId, maxTokens, fields, choice) => {
      expect(asked(modelId, forced)).toEqual({ maxTokens, fields, toolChoice: choice })
    },
  )

  test('has the effort that the agent asks for, and room for it', () => {
    const fields = { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }
    expect(asked('global.anthropic.claude-haiku-5-5', { effort: 'high' })).toMatchObject({ maxTokens: 32_000, fields })
    expect(asked('us.anthropic.claude-opus-4-7', { effort: 'high', ...forced })).toMatchObject({
      fields,
      toolChoice: 'auto',
    })
    expect(asked('global.anthropic.claude-haiku-5-5', { effort: 'low', maxTokens: 9 })).toMatchObject({ maxTokens: 9 })
  })
})

test.each<[string, ModelSettings, RegExp | undefined]>([
  ['global.anthropic.claude-haiku-5-5', {}, undefined],
  ['global.anthropic.claude-haiku-5-5', { effort: 'none', maxTokens: 128_000 }, undefined],
  ['global.anthropic.claude-haiku-5-5', { temperature: 0 }, /temperature must be left out with .*haiku-5-5/],
  ['global.anthropic.claude-haiku-5-5', { maxTokens: 128_001 }, /maxTokens must be at most 128000/],
  ['us.anthropic.claude-opus-5-5', { effort: 'none' }, /always thinks: 'low' is its least/],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', { effort: 'high' }, /effort must be left out, or 'none'/],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', { temperature: 0.5 }, undefined],
  ['us.amazon.nova-lite-v1:0', { temperature: 0.5, effort: 'high', maxTokens: 999_999 }, undefined],
])('%s with %j: %s', (modelId, settings, fault) => {
  const said = impossibleSetting(modelId, settings)
  if (fault) expect(said).toMatch(fault)
  else expect(said).toBeUndefined()
})

test.each([
  ['5', { notAnObject: '5' }],
  ['null', { notAnObject: 'null' }],
  ['[1]', { notAnObject: '[1]' }],
  ['"text"', { notAnObject: '"text"' }],
  ['{"of":', { malformedJson: '{"of":' }],
  ['{"of":1}', { of: 1 }],
  ['', {}],
])('a tool input %s is sent back as an object, whatever it was', async (json, input) => {
  const { client } = await start(async function* () {
    yield { contentBlockStart: { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: 'find' } } } }
    if (json) yield { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: json } } } }
    yield { messageStop: { stopReason: 'tool_use' } }
  }, 'HTTP/1.1')
  const reply = await createBedrockModel({ modelId: 'nova', client }).converse(request(), { text: () => {} })
  expect(reply.content).toEqual([{ toolUse: { toolUseId: 't', name: 'find', input } }])
})

test('a tool input too deep to be written again is told as text', async () => {
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  const { client } = await start(async function* () {
    yield { contentBlockStart: { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: 'find' } } } }
    yield { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: deep } } } }
    yield { messageStop: { stopReason: 'tool_use' } }
  }, 'HTTP/1.1')
  const reply = await createBedrockModel({ modelId: 'nova', client }).converse(request(), { text: () => {} })
  expect(reply.content).toEqual([{ toolUse: { toolUseId: 't', name: 'find', input: { malformedJson: deep } } }])
})

describe('fine-grained tool streaming', () => {
  const answer: ModelAnswerer = async function* () {
    yield { messageStop: { stopReason: 'end_turn' } }
  }

  async function betasOf(modelId: string, refuse: boolean) {
    const bodies: ConverseBody[] = []
    const { client } = await start(async function* (body, id, signal) {
      bodies.push(body)
      const beta = body.additionalModelRequestFields?.anthropic_beta
      if (beta && refuse)
        throw bedrockError('ValidationException', 'The model returned the following errors: invalid beta flag')
      yield* answer(body, id, signal)
    }, 'HTTP/1.1')
    const model = createBedrockModel({ modelId, client })
    await model.converse(request(), { text: () => {} })
    await model.converse(request(), { text: () => {} })
    return bodies.map((body) => Boolean(body.additionalModelRequestFields?.anthropic_beta))
  }

  test('is asked for where it may help', async () => {
    expect(await betasOf('global.anthropic.claude-haiku-5-5', false)).toEqual([true, true])
    expect(await betasOf('us.anthropic.claude-opus-4-7', false)).toEqual([false, false])
    expect(await betasOf('us.amazon.nova-lite-v1:0', false)).toEqual([false, false])
  })

  test('is never asked for again of a model that refuses it, and the call goes on', async () => {
    expect(await betasOf('global.anthropic.claude-haiku-5-5', true)).toEqual([true, false, false])
  })
})
