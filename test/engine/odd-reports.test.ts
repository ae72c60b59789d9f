import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { createReport } from '../../engine/run/report.ts'
import type { Agent, JobContext } from '../../sdk/agent.ts'
import { defineAgent } from '../../sdk/define-agent.ts'
import type { Model } from '../../sdk/model.ts'
import { type EngineWorld, startEngine } from './engine-world.ts'
import { recordingLog } from './recording-log.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

const loop: Record<string, unknown> = {}
loop.self = loop
/** What JavaScript lets an agent say, whatever the types are. */
const odd = (job: JobContext) => job as unknown as Record<string, (...args: unknown[]) => unknown>

describe('progress', () => {
  test.each([
    [0.5, 0.5],
    [-3, 0],
    [7, 1],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NEGATIVE_INFINITY, 0],
    [Number.NaN, 0.25],
  ])('of %s is %s: no number leaves it as it was', async (fraction, progress) => {
    const { put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      job.progress(0.25)
      job.progress(fraction, 'on')
      return 'done'
    })
    expect(row).toMatchObject({ status: 'COMPLETE', resultData: '"done"', progress, progressMessage: 'on' })
  })
})

describe('what the types do not allow', () => {
  test.each<[string, unknown[], string]>([
    ['progress', ['0.5'], 'job.progress takes a number from 0 to 1, got "0.5"'],
    ['progress', [undefined], 'job.progress takes a number from 0 to 1, got undefined'],
    ['progress', [1n], 'job.progress takes a number from 0 to 1, got 1'],
    ['progress', [0.5, { step: 1 }], 'job.progress takes a text as its message, got {"step":1}'],
    ['emit', [undefined], 'job.emit takes a text, got undefined'],
    ['emit', [5], 'job.emit takes a text, got 5'],
    ['emit', [{}], 'job.emit takes a text, got {}'],
    ['emit', [loop], 'job.emit takes a text, got an object'],
    ['partial', [10n], 'job.partial takes a value that JSON can hold, got 10 (Do not know how to serialize a BigInt)'],
    ['partial', [loop], 'job.partial takes a value that JSON can hold, got an object (Converting circular structure'],
    ['partial', [undefined], 'job.partial takes a value that JSON can hold, got undefined'],
    ['event', ['LOG', undefined], 'job.event takes an object as its data, got undefined'],
    ['event', ['LOG', 'text'], 'job.event takes an object as its data, got "text"'],
    ['event', ['LOG', loop], 'job.event takes a value that JSON can hold, got an object'],
    ['event', ['SHOUT', {}], 'job.event takes one of TOOL_CALL, TOOL_RESULT, LOG as its type, got "SHOUT"'],
  ])('job.%s(%s) ends the job at once, in words', async (call, args, message) => {
    const { put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => odd(job)[call]?.(...args))
    expect(row).toMatchObject({ status: 'FAILED', attempt: 1, error: { code: 'AGENT_ERROR', retryable: false } })
    expect((row.error as { message: string }).message).toContain(message)
  })

  test('never loses the result of an agent that lives with it', async () => {
    const { put, runJob } = world
    const call = fc.tuple(
      fc.constantFrom('progress', 'emit', 'partial', 'event'),
      fc.array(
        fc.oneof(
          fc.anything({ withBigInt: true, withDate: true }),
          fc.constantFrom<unknown>(loop, Symbol('s'), Object.create(null), () => 1),
        ),
        { maxLength: 3 },
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (calls) => {
        await put()
        const row = await runJob(async (_input, job) => {
          for (const [name, args] of calls) {
            try {
              odd(job)[name]?.(...args)
            } catch (error) {
              expect((error as Error).message).toMatch(/^job\.\w+ takes /)
            }
          }
          return 'done'
        })
        expect(row).toMatchObject({ status: 'COMPLETE', resultData: '"done"' })
      }),
      { numRuns: 40 },
    )
  })
})

test('usage is whole numbers that fit GraphQL, whatever a model says', async () => {
  const { put, runJob } = world
  const number = fc.oneof(
    fc.constantFrom(1e308, -1, 0.5, 2 ** 31, 2_147_483_647, -1e15, Number.NaN, '7', null, undefined, {}),
    fc.nat(),
  )
  const reply = fc.record({
    usage: fc.oneof(fc.constant(undefined), fc.record({ inputTokens: number, outputTokens: number })),
    latencyMs: number,
    modelId: fc.constantFrom('m', undefined, 5),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(reply, { minLength: 1, maxLength: 4 }), async (replies) => {
      await put()
      let next = 0
      const model = {
        converse: async () => ({ content: [], stopReason: 'end_turn', ...replies[next++] }),
      } as unknown as Model
      const request = { messages: [], signal: new AbortController().signal }
      const row = await runJob(
        async (_input, job) => {
          for (const _reply of replies) await job.model.converse(request, { text: () => undefined })
        },
        { model },
      )
      expect(row.status).toBe('COMPLETE')
      const { inputTokens, outputTokens, modelLatencyMs } = row.usage as Record<string, number>
      for (const count of [inputTokens, outputTokens, modelLatencyMs]) {
        expect(Number.isInteger(count) && (count as number) >= 0 && (count as number) <= 2_147_483_647).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
})

describe('a partial result', () => {
  const job = { id: 'a', requestData: '' } as never
  const report = () => {
    const log = recordingLog()
    return { report: createReport(job, log), log }
  }

  test('is what it was when it was said, flat or nested', () => {
    for (const value of [{ text: 'a' }, { list: ['a'] }, ['a']] as Record<string, unknown>[]) {
      const { report: own } = report()
      own.setPartial(value)
      const then = JSON.stringify(value)
      if (Array.isArray(value)) value.push('later')
      else value.text = 'later'
      expect(own.unwritten().partialResult).toBe(then)
    }
  })

  test.each([
    ['plain', 'x'.repeat(400_000)],
    ['that only grows too large in JSON', '\u0001'.repeat(100_000)],
  ])('that does not fit, %s, leaves the one before, and is told once', (_how, large) => {
    const { report: own, log } = report()
    own.setPartial({ text: 'small' })
    for (let times = 0; times < 3; times++) own.setPartial({ text: large })
    expect(own.unwritten().partialResult).toBe('{"text":"small"}')
    own.setPartial({ text: large })
    expect(own.unwritten().partialResult).toBe('{"text":"small"}')
    expect(log.lines.filter((line) => line.includes('too large'))).toHaveLength(1)
  })
})

test('a long answer costs what it is long: 100,000 words are made JSON once for each write', async () => {
  const words = 100_000
  const agent = defineAgent({
    name: 'ask',
    input: z.object({}),
    output: z.object({}),
    system: 's',
    prompt: () => 'p',
  }) as Agent
  const model: Model = {
    async converse(_request, on) {
      for (let word = 0; word < words; word++) on.text('ab ')
      return {
        content: [{ toolUse: { toolUseId: 't', name: 'submit_ask', input: {} } }],
        stopReason: 'tool_use',
        usage: { inputTokens: 1, outputTokens: words },
        latencyMs: 1,
        modelId: 'm',
      }
    },
  }
  const plain = JSON.stringify
  let characters = 0
  const counting = vi.spyOn(JSON, 'stringify').mockImplementation((...args: unknown[]) => {
    const text = plain(...(args as Parameters<typeof plain>))
    characters += text?.length ?? 0
    return text
  })
  try {
    const { put, runJob } = world
    await put()
    expect(await runJob(async () => undefined, { model, agents: { ask: agent } })).toMatchObject({ status: 'COMPLETE' })
  } finally {
    counting.mockRestore()
  }
  expect(characters).toBeLessThan(20 * words * 3)
})
