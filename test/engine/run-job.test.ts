import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineAgent } from '../../agents/define-agent.ts'
import { PermanentFailure, RetryLater } from '../../agents/failures.ts'
import type { Engine } from '../../lambda/run-one-job.ts'
import { createRunJob } from '../../lambda/run-one-job.ts'
import { agentOf, type EngineWorld, lambdaMs, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

test('a job is two writes and nothing else: the claim and its end', async () => {
  const { table, events, engine, put } = world
  await put()
  await createRunJob(engine(async ({ n }) => ({ n })))({ id: 'a' }, () => lambdaMs)
  expect(table.calls).toEqual(['UpdateItemCommand', 'UpdateItemCommand'])
  expect(events).toEqual([])
  expect(await table.row('a')).toMatchObject({ status: 'COMPLETE', resultData: '{"n":1}', attempt: 1, version: 3 })
})

test('two deliveries of one message run the agent once', async () => {
  const { table, engine, put } = world
  await put()
  let runs = 0
  const run = createRunJob(
    engine(async () => {
      runs++
      return 'done'
    }),
  )
  await Promise.all([run({ id: 'a' }, () => lambdaMs), run({ id: 'a' }, () => lambdaMs)])
  await run({ id: 'a' }, () => lambdaMs)
  expect(runs).toBe(1)
  expect(await table.row('a')).toMatchObject({ status: 'COMPLETE', attempt: 1, claims: 1 })
})

describe('what an agent reports', () => {
  test('is pushed in order, and stands on the row at the end', async () => {
    const { events, put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      job.emit('Reading. ')
      job.progress(0.5, 'half')
      job.partial({ half: true })
      const request = { messages: [], signal: job.signal }
      await job.model.converse(request, { text: (delta) => job.emit(delta) })
      await job.model.converse(request, { text: (delta) => job.emit(delta) })
      job.event('LOG', { level: 'INFO', message: 'done' })
      return 'x'
    })
    expect(events.map(({ seq, type, data }) => [seq, type, JSON.parse(data)])).toEqual([
      [1_000_001, 'TEXT', { text: 'Reading. ' }],
      [1_000_002, 'PROGRESS', { progress: 0.5, message: 'half' }],
      [1_000_003, 'TEXT', { text: 'Hm. Hm. ' }],
      [1_000_004, 'LOG', { level: 'INFO', message: 'done' }],
    ])
    const usage = { inputTokens: 20, outputTokens: 10, modelLatencyMs: 200, modelId: 'm' }
    expect(row).toMatchObject({ status: 'COMPLETE', progress: 0.5, progressMessage: 'half', usage })
  })

  test('reaches the row with the heartbeat, which keeps the lease', async () => {
    const { table, clock, put, runJob } = world
    await put()
    const { run, running } = waitingAgent((job) => {
      job.progress(0.2, 'reading')
      job.partial([1])
    })
    const ended = runJob(run)
    await running
    const beat = table.ended('UpdateItemCommand')
    await clock.advance(20_000)
    await beat
    expect(await table.row('a')).toMatchObject({
      status: 'PROCESSING',
      progress: 0.2,
      progressMessage: 'reading',
      partialResult: '[1]',
      leaseExpiresAt: clock.now() + 60_000,
      dueAt: clock.now() + 60_000,
      version: 3,
    })
    await clock.advance(600_000)
    await ended
  })

  test('usage of an earlier attempt is not forgotten', async () => {
    const { put, runJob } = world
    await put({ usage: { inputTokens: 100, outputTokens: 1, modelLatencyMs: 1 } })
    const row = await runJob(async (_input, job) => {
      await job.model.converse({ messages: [], signal: job.signal }, { text: () => undefined })
    })
    expect(row.usage).toMatchObject({ inputTokens: 110, outputTokens: 6, modelLatencyMs: 101 })
    expect(row.resultData).toBe('null')
  })

  test('a partial result that does not fit leaves the one before', async () => {
    const { put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      job.partial('small')
      job.partial('x'.repeat(400_000))
      throw new PermanentFailure({ code: 'X', message: 'x', remediation: 'y' })
    })
    expect(row.partialResult).toBe('"small"')
  })
})

describe('a job that cannot run fails at once, and says why', () => {
  test.each([
    ['UNKNOWN_AGENT', { queryType: 'asq' }, /got "asq". There are: ask/],
    ['UNKNOWN_AGENT', { queryType: 'constructor' }, /got "constructor"/],
    ['INVALID_REQUEST_DATA', { requestData: '{n:1}' }, /must be JSON text, got "\{n:1\}"/],
    ['INVALID_REQUEST_DATA', { requestData: undefined }, /got nothing/],
    ['INVALID_INPUT', { requestData: '{"n":"one"}' }, /n: .*expected number/],
    ['INVALID_INPUT', { requestData: '3' }, /the input: .*expected object/],
  ])('%s %j', async (code, values, message) => {
    const { put, runJob } = world
    await put(values)
    const row = await runJob(() => {
      throw new Error('must not run')
    })
    const error = { code, message: expect.stringMatching(message), remediation: expect.any(String), retryable: false }
    expect(row).toMatchObject({ status: 'FAILED', error })
  })
})

describe('a failure', () => {
  const busy = (retryAfterMs?: number) =>
    new RetryLater({ code: 'MODEL_THROTTLED', message: 'busy', remediation: 'wait', retryAfterMs })

  test('that is permanent ends the job', async () => {
    const { put, runJob } = world
    await put()
    const row = await runJob(async () => {
      throw new PermanentFailure({ code: 'DENIED', message: 'no', remediation: 'ask', details: { why: 1 } })
    })
    const error = { code: 'DENIED', message: 'no', remediation: 'ask', retryable: false, details: '{"why":1}' }
    expect(row).toMatchObject({ status: 'FAILED', error })
  })

  test('that passes is waited for, longer each time, until the attempts are spent', async () => {
    const { clock, put, runJob } = world
    await put({ maxAttempts: 3 })
    const run = async () => {
      throw busy()
    }
    for (const [attempt, waitMs] of [2_000, 4_000].entries()) {
      const row = await runJob(run)
      const error = { code: 'MODEL_THROTTLED', retryable: true }
      expect(row).toMatchObject({ status: 'PENDING', attempt: attempt + 1, error })
      expect(Date.parse(row.runAt as string) - clock.now()).toBe(waitMs)
      await clock.advance(waitMs)
    }
    const row = await runJob(run)
    const error = { code: 'MODEL_THROTTLED', message: 'busy (attempt 3 of 3)', retryable: true }
    expect(row).toMatchObject({ status: 'FAILED', attempt: 3, error })
  })

  test('waits at least as long as the other side asked, and at most five minutes', async () => {
    const { clock, put, runJob } = world
    for (const [asked, waited] of [
      [30_000, 30_000],
      [3_600_000, 300_000],
    ]) {
      await put()
      const row = await runJob(async () => {
        throw busy(asked)
      })
      expect(Date.parse(row.runAt as string) - clock.now()).toBe(waited)
    }
  })

  test("of the agent's own code ends the job, and its stack is in the log", async () => {
    const { log, put, runJob } = world
    await put()
    const row = await runJob(async () => {
      throw new TypeError('x is not a function')
    })
    const error = { code: 'AGENT_ERROR', message: expect.stringContaining('x is not a function'), retryable: false }
    expect(row).toMatchObject({ status: 'FAILED', error })
    expect(log.lines.join()).toMatch(/ERROR The agent threw.*x is not a function/)
  })

  test("takes the agent's number of attempts before the stack's, and the job's before both", async () => {
    const { put, runJob } = world
    const run = async () => {
      throw busy()
    }
    const agents = { ask: agentOf(run, { retry: { maxAttempts: 1 } }) }
    await put()
    expect(await runJob(run, { agents })).toMatchObject({ status: 'FAILED', maxAttempts: 1 })
    await put({ maxAttempts: 2 })
    expect(await runJob(run, { agents })).toMatchObject({ status: 'PENDING', maxAttempts: 2 })
  })
})

describe('a result', () => {
  test('too large for its row fails the job, with the sizes', async () => {
    const { put, runJob } = world
    await put({ requestData: JSON.stringify({ n: 1, pad: 'é'.repeat(100_000) }) })
    const row = await runJob(async () => 'x'.repeat(160_000))
    const error = { code: 'RESULT_TOO_LARGE', message: expect.stringMatching(/160002 bytes.*room for 1499\d\d/) }
    expect(row).toMatchObject({ status: 'FAILED', error })
    expect(row).not.toHaveProperty('resultData')
  })

  test('that the output schema refuses fails the job', async () => {
    const { put, runJob } = world
    await put()
    const agents = {
      ask: defineAgent({ name: 'ask', input: z.any(), output: z.object({ a: z.string() }), run: () => ({}) as never }),
    }
    const row = await runJob(async () => undefined, { agents: agents as unknown as Engine['agents'] })
    expect(row).toMatchObject({ status: 'FAILED', error: { code: 'INVALID_OUTPUT' } })
  })
})
