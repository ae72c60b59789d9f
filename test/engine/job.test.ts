import { describe, expect, test } from 'vitest'
import { DUE_SHARDS, dueAtForStart, dueShard } from '../../engine/job/due.ts'
import type { ClaimedJob, JobStatus, Move, PendingJob } from '../../engine/job/job.ts'
import {
  afterMove,
  attemptsSpent,
  backoffMs,
  busyBackoffMs,
  dueAtAfterTouch,
  eventSeq,
  isExpired,
  isOver,
  jobStatuses,
  moves,
  overdueMove,
  patienceWithModel,
} from '../../engine/job/job.ts'
import { readJob } from '../../engine/job/read-job.ts'

const at = '2026-03-01T10:00:00.000Z'
const now = Date.parse(at)
const minute = 60_000

describe('moves', () => {
  test('a job that is over leaves that state only by a retry of its owner, and a complete one never', () => {
    const open = (Object.keys(moves) as Move[]).filter((move) => move !== 'retry')
    for (const status of ['COMPLETE', 'FAILED', 'CANCELLED'] as const) {
      for (const move of open) expect(afterMove(status, move) ?? status).toBe(status)
    }
    expect(afterMove('COMPLETE', 'retry')).toBeUndefined()
    expect(afterMove('FAILED', 'retry')).toBe('PENDING')
    expect(afterMove('CANCELLED', 'retry')).toBe('PENDING')
  })

  test('from any state, an end can be reached', () => {
    const reach = (status: JobStatus, steps: number): boolean =>
      isOver(status) ||
      (steps > 0 &&
        (Object.keys(moves) as Move[]).some((move) => {
          const next = afterMove(status, move)
          return next !== undefined && reach(next, steps - 1)
        }))
    for (const status of jobStatuses) expect(reach(status, 2)).toBe(true)
  })

  test('only a worker that holds the job ends it with a result', () => {
    expect(jobStatuses.filter((status) => afterMove(status, 'complete'))).toEqual(['PROCESSING'])
  })
})

describe('a row', () => {
  test('put by hand gets defaults for what is missing', () => {
    const job = readJob({ id: 'a', queryType: 'ask', status: 'PENDING', requestData: '{"q":1}' }, at)
    expect(job).toMatchObject({ attempt: 0, claims: 0, version: 1, priority: 'NORMAL', createdAt: at, updatedAt: at })
    expect(job.owner).toBeUndefined()
  })

  test('with values of the wrong type is read as if they were missing', () => {
    const row = {
      id: 'a',
      queryType: 7,
      status: 'FAILED',
      attempt: '2',
      createdAt: 'soon',
      priority: 'URGENT',
      error: 'x',
    }
    expect(readJob(row, at)).toMatchObject({
      queryType: '',
      attempt: 0,
      createdAt: at,
      priority: 'NORMAL',
      error: { code: 'UNKNOWN' },
    })
  })

  test('with a map as requestData, as the console writes it, has JSON text', () => {
    const job = readJob({ id: 'a', queryType: 'ask', status: 'PENDING', requestData: { tags: new Set(['x']) } }, at)
    expect(job.requestData).toBe('{"tags":["x"]}')
  })

  test('has its times in UTC, whatever offset was written', () => {
    const job = readJob({ id: 'a', status: 'PENDING', runAt: '2026-03-01T12:00:00+02:00' }, at)
    expect(job.runAt).toBe(at)
  })

  test('with an unknown status is refused by name', () => {
    expect(() => readJob({ id: 'a', status: 'pending' }, at)).toThrow(
      /status of job a must be one of PENDING.*"pending"/,
    )
  })
})

test('two runs of one job never number an event alike', () => {
  expect(eventSeq(1, 999_999)).toBeLessThan(eventSeq(2, 1))
})

test('the backoff grows with the attempt, spreads over all of it, and ends at five minutes', () => {
  expect([1, 2, 3].map((attempt) => backoffMs(attempt, 1))).toEqual([2_000, 4_000, 8_000])
  expect(backoffMs(3, 0)).toBe(0)
  expect(backoffMs(3, 0.5)).toBe(4_000)
  expect(backoffMs(500, 1)).toBe(5 * minute)
})

test('a wait for a busy model is as long again as was waited before, within five minutes', () => {
  expect([0, 2_000, 10_000, 60 * minute].map((waited) => busyBackoffMs(waited, 1))).toEqual([
    2_000, 2_000, 10_000, 300_000,
  ])
  expect(busyBackoffMs(10_000, 0.5)).toBe(5_000)
})

describe('a deadline', () => {
  const job = (values: object) => readJob({ id: 'a', status: 'PENDING', deadline: at, ...values }, at)

  test('passes for a job that waits for its first start only', () => {
    expect(isExpired(job({}), now)).toBe(true)
    expect(isExpired(job({}), now - 1)).toBe(false)
    const others = [
      { startedAt: at },
      { attempt: 1 },
      { status: 'PROCESSING' },
      { status: 'CANCELLED' },
      { deadline: undefined },
    ]
    for (const values of others) expect(isExpired(job(values), now)).toBe(false)
  })

  test('decides what the sweep does with a job that waits', () => {
    expect(overdueMove(job({}), now)).toBe('expire')
    expect(overdueMove(job({ startedAt: at }), now)).toBe('touchOverdue')
  })

  test('is when the sweep looks at a job that has not been started', () => {
    const deadline = new Date(now + minute).toISOString()
    const look = (values: object) => dueAtAfterTouch(job({ deadline, updatedAt: at, ...values }) as PendingJob, now)
    expect(look({})).toBe(now + minute)
    expect(look({ attempt: 1 })).toBe(now + 5 * minute)
    expect(look({ deadline: undefined })).toBe(now + 5 * minute)
    expect(look({ runAt: new Date(now + 30_000).toISOString() })).toBe(now + minute)
  })

  test('ends the patience with a busy model, which lasts a day without one', () => {
    expect(patienceWithModel(job({}), now - minute)).toBe(now)
    expect(patienceWithModel(job({ deadline: undefined }), now)).toBe(now + 1_440 * minute)
  })
})

test('a complete row has its result, or says where it is', () => {
  const job = (values: object) => readJob({ id: 'a', status: 'COMPLETE', ...values }, at)
  expect(job({ resultData: '1', resultKey: 'k' })).toMatchObject({ resultData: '1' })
  expect(job({ resultData: '1', resultKey: 'k' })).not.toHaveProperty('resultKey')
  expect(job({ resultKey: 'k', resultPreview: 'x' })).toMatchObject({ resultKey: 'k', resultPreview: 'x' })
  expect(job({})).toMatchObject({ resultData: 'null' })
})

describe('what is due', () => {
  const pending = (values: object) => readJob({ id: 'a', status: 'PENDING', ...values }, at) as PendingJob
  const processing = (values: object) => readJob({ id: 'a', status: 'PROCESSING', ...values }, at) as ClaimedJob

  test('a far start is looked at while the queue can still delay to the second', () => {
    const runAt = now + 600 * minute
    const look = dueAtForStart(runAt, now)
    expect(runAt - look).toBeGreaterThan(2 * minute)
    expect(runAt - look).toBeLessThan(15 * minute)
    expect(dueAtForStart(now + minute, now)).toBe(now + 6 * minute)
  })

  test('jobs are spread over all shards, each job always in one', () => {
    const ids = Array.from({ length: 400 }, (_, n) => `01K0${(n * 7919).toString(36).toUpperCase()}`)
    const shards = ids.map(dueShard)
    expect(new Set(shards)).toEqual(new Set(Array.from({ length: DUE_SHARDS }, (_, shard) => shard)))
    expect(ids.map(dueShard)).toEqual(shards)
    expect(dueShard('put by hand: é')).toBeLessThan(DUE_SHARDS)
  })

  test('each look at a waiting job comes after twice the wait, within six hours', () => {
    let job = pending({ updatedAt: at, dueAt: now + 5 * minute })
    const waits: number[] = []
    for (let look = 0; look < 9; look++) {
      const time = job.dueAt as number
      const dueAt = dueAtAfterTouch(job, time)
      waits.push((dueAt - time) / minute)
      job = pending({ updatedAt: new Date(time).toISOString(), dueAt })
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 360, 360, 360])
  })

  test('a lost worker is replaced while attempts are left', () => {
    const lost = { leaseExpiresAt: now, attempt: 1 }
    expect(overdueMove(processing(lost), now)).toBe('waitForWorker')
    expect(overdueMove(processing({ ...lost, leaseExpiresAt: now + 1 }), now)).toBeUndefined()
    expect(attemptsSpent(processing({ ...lost, maxAttempts: 2 }), 9)).toBeUndefined()
    expect(attemptsSpent(processing({ ...lost, maxAttempts: 1 }), 9)).toBe('attempt 1 of 1')
    expect(attemptsSpent(processing(lost), 1)).toBe('attempt 1 of 1')
    expect(attemptsSpent(processing({ ...lost, allAttempts: 100 }), 9)).toBe('attempt 100 in all')
  })
})
