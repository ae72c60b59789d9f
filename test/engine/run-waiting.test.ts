import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sortModelError } from '../../sdk/bedrock/model-failure.ts'
import { RetryLater } from '../../sdk/failures.ts'
import { type EngineWorld, type Run, startEngine } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

const hour = 3_600_000
const start = Date.parse('2026-03-01T10:00:00.000Z')
const iso = (time: number) => new Date(time).toISOString()
const fault = (name: string) => sortModelError(Object.assign(new Error('slow down'), { name }), 'm')
const throttled: Run = async () => {
  throw fault('ThrottlingException')
}

describe('a busy model', () => {
  test('costs no attempt: the job waits, longer each time, and says why and until when', async () => {
    const { clock, put, runJob } = world
    await put({ maxAttempts: 1 })
    const waits: number[] = []
    for (let claims = 1; claims <= 12; claims++) {
      const row = await runJob(throttled)
      expect(row).toMatchObject({ status: 'PENDING', attempt: 0, claims, throttledSince: iso(start) })
      const message = `m: slow down, again at ${row.runAt}, until ${iso(start + 24 * hour)}`
      expect(row.error).toMatchObject({ code: 'MODEL_THROTTLED', message, retryable: true })
      const runAt = Date.parse(row.runAt as string)
      expect(row.dueAt).toBe(runAt + 300_000)
      waits.push((runAt - clock.now()) / 1000)
      await clock.advance(runAt - clock.now())
    }
    expect(waits).toEqual([2, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
    const row = await runJob(async () => 'at last')
    expect(row).toMatchObject({ status: 'COMPLETE', attempt: 1 })
    expect(row).not.toHaveProperty('throttledSince')
  })

  test.each([
    ['ModelNotReadyException', 0],
    ['ThrottlingException', 0],
    ['ServiceUnavailableException', 0],
    ['AccessDeniedException', 0],
    ['InternalServerException', 1],
    ['ModelStreamErrorException', 1],
  ])('%s leaves %i attempts on the count', async (name, attempt) => {
    const { put, runJob } = world
    await put()
    const row = await runJob(async () => {
      throw fault(name)
    })
    expect(row).toMatchObject({ status: 'PENDING', attempt })
  })

  test('is waited for no longer than a day, counted from its last answer', async () => {
    const { clock, put, runJob } = world
    await put({ throttledSince: iso(start - 24 * hour + 1) })
    expect(await runJob(throttled)).toMatchObject({ status: 'PENDING', runAt: iso(start + 1) })
    await clock.advance(1)
    const error = { code: 'MODEL_THROTTLED', message: expect.stringMatching(/waited since 2026-02-28T10:00:00.001Z/) }
    expect(await runJob(throttled)).toMatchObject({ status: 'FAILED', error })

    await put({ throttledSince: iso(start - 25 * hour) })
    const row = await runJob(async (_input, job) => {
      await job.model.converse({ messages: [], signal: job.signal }, { text: () => undefined })
      throw fault('ThrottlingException')
    })
    expect(row).toMatchObject({ status: 'PENDING', throttledSince: iso(clock.now()) })
  })

  test('is waited for until the deadline of the job, and asked once more then', async () => {
    const { clock, put, runJob } = world
    const deadline = iso(start + 10_000)
    await put({ deadline, throttledSince: iso(start - 60_000) })
    expect(await runJob(throttled)).toMatchObject({ status: 'PENDING', runAt: deadline, startedAt: iso(start) })
    await clock.advance(10_000)
    const error = { code: 'MODEL_THROTTLED', message: expect.stringContaining(`until its deadline, ${deadline}`) }
    expect(await runJob(throttled)).toMatchObject({ status: 'FAILED', error })
  })

  test('is waited for outside the time-out, which counts what the job ran', async () => {
    const { clock, put, runJob } = world
    await put({ elapsedMs: 1_000 })
    const row = await runJob(async () => {
      await clock.advance(5_000)
      throw fault('ThrottlingException')
    })
    expect(row).toMatchObject({ elapsedMs: 6_000 })
    await clock.advance(hour)
    const failed = await runJob(async () => {
      throw new RetryLater({ code: 'X', message: 'x', remediation: 'y' })
    })
    expect(failed).toMatchObject({ status: 'PENDING', attempt: 1, error: { code: 'X' } })
    // A new attempt has the whole time again.
    expect(failed).not.toHaveProperty('elapsedMs')
  })
})

describe('a job whose deadline has passed', () => {
  const deadline = iso(start - 1)

  test('is not started, and its worker says why', async () => {
    const { put, runJob } = world
    await put({ deadline, createdAt: iso(start - hour), dueShard: 1, dueAt: start })
    const row = await runJob(() => {
      throw new Error('must not run')
    })
    expect(row).toMatchObject({ status: 'FAILED', completedAt: iso(start), ttl: start / 1000 + 604_800 })
    const error = { code: 'EXPIRED', message: expect.stringContaining(deadline), remediation: expect.any(String) }
    expect(row.error).toMatchObject({ ...error, retryable: true })
    for (const name of ['dueShard', 'dueAt', 'startedAt', 'claimToken']) expect(row).not.toHaveProperty(name)
  })

  test.each([
    ['was started before', { startedAt: iso(start - hour) }],
    ['has an attempt behind it', { attempt: 1 }],
  ])('runs all the same when it %s', async (_what, values) => {
    const { put, runJob } = world
    await put({ deadline, ...values })
    expect(await runJob(async () => 'ran')).toMatchObject({ status: 'COMPLETE' })
  })

  test('is left alone when somebody has just ended or taken it', async () => {
    const { put, runJob } = world
    for (const status of ['CANCELLED', 'COMPLETE', 'PROCESSING']) {
      await put({ deadline, status, leaseExpiresAt: start + 1, claimToken: 'x' })
      expect(await runJob(async () => 'ran')).toMatchObject({ status })
    }
  })
})
