import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DUE_SHARDS } from '../../engine/job/due.ts'
import { claim } from '../../engine/store/claim.ts'
import { sweepOverdue } from '../../engine/sweep.ts'
import { startTable, type TestTable } from './job-table.ts'
import { recordingLog } from './recording-log.ts'

const minute = 60_000
/** Nothing waits here but the sweep, for workers that are silent: that time passes by itself. */
class GraceClock extends ManualClock {
  override after(ms: number, callback: () => void): () => void {
    const cancel = super.after(ms, callback)
    queueMicrotask(() => void this.advance(ms))
    return cancel
  }
}

let table: TestTable
let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let sweep: () => Promise<void>

beforeEach(async () => {
  table = await startTable()
  clock = new GraceClock(Date.parse('2026-03-01T10:00:00.000Z'))
  log = recordingLog()
  const parts = { jobs: table.jobs, sessionTable: table.sessions, defaultMaxAttempts: 3, clock, log }
  sweep = () => sweepOverdue(parts, () => minute)
})
afterEach(() => table[Symbol.asyncDispose]())

const pending = (id: string, values: object = {}) => {
  const time = new Date(clock.now()).toISOString()
  const row = {
    id,
    queryType: 'ask',
    status: 'PENDING',
    version: 1,
    attempt: 0,
    claims: 0,
    createdAt: time,
    updatedAt: time,
  }
  return table.put({ ...row, dueShard: 3, dueAt: clock.now() + 5 * minute, ...values })
}

test('a job whose dispatch was lost is written again, so that the stream has it', async () => {
  await pending('a')
  await sweep()
  expect(await table.row('a')).toMatchObject({ version: 1 })
  await clock.advance(5 * minute)
  await sweep()
  expect(await table.row('a')).toMatchObject({ status: 'PENDING', version: 2, dueAt: clock.now() + 10 * minute })
  await sweep()
  expect(await table.row('a')).toMatchObject({ version: 2 })
})

test('a far start is handed over before its time', async () => {
  const start = clock.now() + 60 * minute
  await pending('a', { runAt: new Date(start).toISOString(), dueAt: start - 13 * minute })
  await clock.advance(47 * minute)
  await sweep()
  expect(await table.row('a')).toMatchObject({ status: 'PENDING', version: 2, dueAt: start + 5 * minute })
})

test('a job of a lost worker starts again, until its attempts are spent', async () => {
  await pending('a')
  for (const attempt of [1, 2, 3]) {
    await claim(table.jobs, { id: 'a', token: `t${attempt}` }, { leaseMs: minute, maxAttempts: 3 }, clock.now())
    await clock.advance(minute - 1)
    await sweep()
    expect(await table.row('a')).toMatchObject({ status: 'PROCESSING', attempt })
    await clock.advance(1)
    await sweep()
    if (attempt < 3) expect(await table.row('a')).toMatchObject({ status: 'PENDING', error: { code: 'WORKER_LOST' } })
  }
  const row = await table.row('a')
  expect(row).toMatchObject({
    status: 'FAILED',
    attempt: 3,
    error: {
      code: 'WORKER_LOST',
      message: expect.stringContaining('the last one (attempt 3 of 3)'),
      remediation: expect.any(String),
    },
  })
  for (const name of ['claimToken', 'leaseExpiresAt', 'dueAt', 'dueShard']) expect(row).not.toHaveProperty(name)
})

test('a job that was not started by its deadline ends, and is looked at in time for that', async () => {
  const deadline = new Date(clock.now() + 7 * minute).toISOString()
  await pending('a', { deadline })
  await pending('b', { deadline, startedAt: deadline })
  await clock.advance(5 * minute)
  await sweep()
  expect(await table.row('a')).toMatchObject({ status: 'PENDING', dueAt: Date.parse(deadline) })
  expect(await table.row('b')).toMatchObject({ status: 'PENDING', dueAt: clock.now() + 10 * minute })
  await clock.advance(2 * minute)
  await Promise.all([sweep(), sweep()])
  const row = await table.row('a')
  expect(row).toMatchObject({ status: 'FAILED', version: 3, error: { code: 'EXPIRED' } })
  for (const name of ['dueShard', 'dueAt']) expect(row).not.toHaveProperty(name)
  expect(await table.row('b')).toMatchObject({ status: 'PENDING' })
})

test('a job of a lost worker goes on from its checkpoint, with the whole of its time', async () => {
  await pending('a', { checkpointSeq: 7, elapsedMs: 1_000 })
  await claim(table.jobs, { id: 'a', token: 't' }, { leaseMs: minute, maxAttempts: 3 }, clock.now())
  await clock.advance(600 * minute)
  await Promise.all([sweep(), sweep()])
  const row = await table.row('a')
  expect(row).toMatchObject({ status: 'PENDING', version: 3, checkpointSeq: 7 })
  expect(row).not.toHaveProperty('elapsedMs')
})

test('the log tells how long a job waits, which an alarm reads, but not of one that waits for its time or for a turn', async () => {
  await pending('a', { priority: 'HIGH' })
  await pending('far', { runAt: new Date(clock.now() + 20 * minute).toISOString() })
  await table.putSession({ sessionKey: 'me#s', turns: ['before', 'turn'] })
  await pending('turn', { sessionKey: 'me#s' })
  const waits = () =>
    log.lines.map((line) => /"jobId":"(\w+)".*"waitedSeconds":(\d+),"priority":"(\w+)"/.exec(line)?.slice(1))
  await clock.advance(5 * minute)
  await sweep()
  expect(waits().filter(Boolean)).toEqual([['a', '300', 'HIGH']])
  await clock.advance(10 * minute)
  await sweep()
  expect(waits().filter(Boolean)).toContainEqual(['a', '600', 'HIGH'])
})

test('every shard is looked into', async () => {
  for (let dueShard = 0; dueShard < DUE_SHARDS; dueShard++) await pending(`j${dueShard}`, { dueShard })
  await clock.advance(5 * minute)
  await sweep()
  for (let shard = 0; shard < DUE_SHARDS; shard++) expect(await table.row(`j${shard}`)).toMatchObject({ version: 2 })
})

test('two sweeps at once move a job once', async () => {
  await pending('a')
  await clock.advance(5 * minute)
  await Promise.all([sweep(), sweep(), sweep()])
  expect(await table.row('a')).toMatchObject({ version: 2 })
})

test('a job that an edit by hand has ended is no longer looked for', async () => {
  await pending('a', { status: 'CANCELLED' })
  await clock.advance(5 * minute)
  await sweep()
  expect(await table.row('a')).not.toHaveProperty('dueAt')
})

test('a row that is no job is reported, and the others are moved all the same', async () => {
  await pending('a', { status: 'pending' })
  await pending('b')
  await clock.advance(5 * minute)
  await expect(sweep()).rejects.toThrow('1 overdue jobs could not be moved')
  expect(await table.row('b')).toMatchObject({ version: 2 })
})

describe('a job that nobody takes', () => {
  test('is dispatched again nine times in a day, and then ends NOT_STARTED', async () => {
    await pending('a')
    const begun = clock.now()
    const looks: number[] = []
    for (let row = await table.row('a'); row.status === 'PENDING'; row = await table.row('a')) {
      await clock.advance(Number(row.dueAt) - clock.now())
      looks.push((clock.now() - begun) / minute)
      await sweep()
    }
    expect(looks).toEqual([5, 15, 35, 75, 155, 315, 635, 995, 1355, 1715])
    const row = await table.row('a')
    expect(row).toMatchObject({ status: 'FAILED', touches: 9, version: 11, completedAt: expect.any(String) })
    expect(row.error).toMatchObject({ code: 'NOT_STARTED', retryable: true })
    expect(row.error).toMatchObject({ message: expect.stringContaining('put into its queue 10 times') })
    expect(row.error).toMatchObject({ remediation: expect.stringMatching(/log of run-job.*concurrency.*redrive/) })
    for (const name of ['dueShard', 'dueAt']) expect(row).not.toHaveProperty(name)
  })

  test('begins to count anew with a claim, and with its start when that is far away', async () => {
    await pending('a', { touches: 9 })
    await claim(table.jobs, { id: 'a', token: 't' }, { leaseMs: minute, maxAttempts: 3 }, clock.now())
    expect(await table.row('a')).not.toHaveProperty('touches')
    const start = clock.now() + 60 * minute
    await pending('b', { runAt: new Date(start).toISOString(), dueAt: start - 13 * minute })
    await clock.advance(47 * minute)
    await sweep()
    expect(await table.row('b')).toMatchObject({ version: 2, touches: 0 })
  })
})

describe('a turn behind another', () => {
  test('is left in peace for as long as that takes: nothing counts, and nothing ends it', async () => {
    await table.putSession({ sessionKey: 'me#s', turns: ['long', 'a'] })
    await pending('a', { sessionKey: 'me#s', touches: 0 })
    for (let n = 1; n <= 15; n++) {
      await clock.advance(5 * minute)
      await sweep()
      expect(await table.row('a')).toMatchObject({ status: 'PENDING', touches: 0, dueAt: clock.now() + 5 * minute })
    }
  })

  test('is expired by its deadline all the same', async () => {
    await table.putSession({ sessionKey: 'me#s', turns: ['long', 'a'] })
    const deadline = new Date(clock.now() + 7 * minute).toISOString()
    await pending('a', { sessionKey: 'me#s', deadline })
    await clock.advance(5 * minute)
    await sweep()
    expect(await table.row('a')).toMatchObject({ dueAt: Date.parse(deadline) })
    await clock.advance(2 * minute)
    await sweep()
    expect(await table.row('a')).toMatchObject({ status: 'FAILED', error: { code: 'EXPIRED' } })
  })

  test('whose turn it is, or that is in no list, is dispatched again like any job', async () => {
    await table.putSession({ sessionKey: 'me#s', turns: ['a', 'b'] })
    await pending('a', { sessionKey: 'me#s' })
    await pending('by-hand', { sessionKey: 'me#t' })
    await clock.advance(5 * minute)
    await sweep()
    expect(await table.row('a')).toMatchObject({ touches: 1 })
    expect(await table.row('by-hand')).toMatchObject({ touches: 1 })
  })
})
