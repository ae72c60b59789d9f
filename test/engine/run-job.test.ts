import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Engine } from '../../engine/run/run-job.ts'
import { createRunJob } from '../../engine/run/run-job.ts'
import { defineAgent } from '../../sdk/define-agent.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { agentOf, type EngineWorld, lambdaMs, startEngine } from './engine-world.ts'

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

test('a job that is over leaves no timer behind', async () => {
  const { clock, put, runJob } = world
  await put()
  await runJob(async (_input, job) => job.emit('x'))
  expect(clock.waiting).toBe(0)
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
  test.each([
    ['over 200 KB', '{"n":1}', 'x'.repeat(200_000)],
    ['that has no room beside its request', JSON.stringify({ n: 1, pad: 'é'.repeat(100_000) }), 'x'.repeat(160_000)],
  ])('%s goes to S3, and the row says where and how it begins', async (_which, requestData, result) => {
    const { put, runJob, stored } = world
    await put({ requestData })
    const row = await runJob(async () => result)
    const resultPreview = `"${'x'.repeat(999)}`
    expect(row).toMatchObject({ status: 'COMPLETE', resultPreview })
    expect(row.resultKey).toBe(`results/a/${row.uid}/1.json`)
    expect(row).not.toHaveProperty('resultData')
    expect(stored).toEqual({ [String(row.resultKey)]: JSON.stringify(result) })
  })

  test('of 200 KB stays in its row', async () => {
    const { put, runJob, stored } = world
    await put()
    expect(await runJob(async () => 'x'.repeat(199_998))).toHaveProperty('resultData')
    expect(stored).toEqual({})
  })

  test('that S3 does not take is not lost in silence', async () => {
    const { clock, put, runJob } = world
    await put()
    const fault = new RetryLater({ code: 'RESULT_STORE_BUSY', message: 'busy', remediation: 'wait' })
    let tries = 0
    const storeResult = () => {
      tries++
      setImmediate(() => clock.advance(2_000))
      return Promise.reject(fault)
    }
    const row = await runJob(async () => 'x'.repeat(300_000), { storeResult })
    expect(tries).toBe(5)
    expect(row).toMatchObject({ status: 'PENDING', error: { code: 'RESULT_STORE_BUSY' } })
    for (const name of ['resultKey', 'resultPreview']) expect(row).not.toHaveProperty(name)
  })

  test('larger than the API can answer with fails the job, with the sizes', async () => {
    const { put, runJob, stored } = world
    await put()
    const row = await runJob(async () => 'x'.repeat(2_000_000))
    const error = { code: 'RESULT_TOO_LARGE', message: expect.stringMatching(/2000002 bytes.*with 2000000/) }
    expect(row).toMatchObject({ status: 'FAILED', error })
    expect(stored).toEqual({})
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
