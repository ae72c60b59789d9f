import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClaimedJob, JobError, JobStatus } from '../../engine/job/job.ts'
import { afterMove, jobStatuses } from '../../engine/job/job.ts'
import { claim as claimJob } from '../../engine/store/claim.ts'
import { expire } from '../../engine/store/expire.ts'
import { addToCancelled, complete, fail, handOver, heartbeat, isLeased, retryLater } from '../../engine/store/leased.ts'
import {
  giveUpLostWorker,
  giveUpUnstarted,
  handOverForDead,
  postponeTurn,
  requeueLostWorker,
  touchOverdue,
} from '../../engine/store/overdue.ts'
import { setAside } from '../../engine/store/set-aside.ts'
import type { JobTable, Lease } from '../../engine/store/write.ts'
import { startTable, type TestTable } from './job-table.ts'

const now = Date.parse('2026-03-01T10:00:00.000Z')
const iso = (time: number) => new Date(time).toISOString()
const terms = { leaseMs: 60_000, maxAttempts: 3 }
const claim = async (...given: Parameters<typeof claimJob>) => (await claimJob(...given)).job
const error: JobError = { code: 'X', message: 'x', remediation: 'y', retryable: true }

let table: TestTable
let jobs: JobTable
let count = 0
beforeAll(async () => {
  table = await startTable()
  jobs = table.jobs
})
afterAll(() => table[Symbol.asyncDispose]())

/** A row in `status`, with all that each verb asks for, so that the status alone decides. */
async function given(status: JobStatus, values: object = {}): Promise<Lease> {
  const lease = { id: `job-${++count}`, token: 'mine' }
  const base = {
    id: lease.id,
    queryType: 'ask',
    status,
    requestData: '{}',
    version: 4,
    attempt: 1,
    claims: 1,
    maxAttempts: 3,
    updatedAt: iso(now - 1),
  }
  const running = { claimToken: 'mine', leaseExpiresAt: now - 1, dueShard: 0, dueAt: now - 1 }
  await table.put({ ...base, ...running, ...values })
  return lease
}

describe('every verb is allowed where the table of moves allows it, and nowhere else', () => {
  const verbs = {
    claim: (lease: Lease) => claim(jobs, { ...lease, token: 'next' }, terms, now),
    heartbeat: (lease: Lease) => heartbeat(jobs, lease, {}, 60_000, now),
    complete: (lease: Lease) => complete(jobs, lease, { resultData: '1' }, {}, now),
    fail: (lease: Lease) => fail(jobs, lease, error, {}, now),
    retryLater: (lease: Lease) => retryLater(jobs, lease, { error, runAt: now }, {}, now),
    handOver: (lease: Lease) => handOver(jobs, lease, 1_000, {}, now),
    addToCancelled: ({ id }: Lease) => addToCancelled(jobs, { id, claims: 1 } as ClaimedJob, { progress: 0.5 }, now),
    expire: ({ id }: Lease) => expire(jobs, id, error, now),
    requeueLostWorker: ({ id }: Lease) => requeueLostWorker(jobs, id, error, now),
    giveUpLostWorker: ({ id }: Lease) => giveUpLostWorker(jobs, id, error, now),
    touchOverdue: ({ id }: Lease) => touchOverdue(jobs, id, { dueAt: now + 1, touches: 1 }, now),
    handOverForDead: ({ id }: Lease) => handOverForDead(jobs, id, now, now),
    postponeTurn: ({ id }: Lease) => postponeTurn(jobs, id, now + 1, now),
    giveUpUnstarted: ({ id }: Lease) => giveUpUnstarted(jobs, id, error, now),
    setAside: ({ id }: Lease) => setAside(jobs, id, error, now),
  }
  for (const [name, verb] of Object.entries(verbs)) {
    for (const status of jobStatuses) {
      const next = afterMove(status, name as keyof typeof verbs)
      test(`${name} from ${status}: ${next ?? 'refused'}`, async () => {
        const unstarted = { attempt: 0, deadline: iso(now) }
        const lease = await given(status, name === 'expire' ? unstarted : {})
        const before = await table.row(lease.id)
        expect(Boolean(await verb(lease))).toBe(next !== undefined)
        const after = await table.row(lease.id)
        if (next) expect(after).toMatchObject({ status: next, version: 5, updatedAt: iso(now) })
        else expect(after).toEqual(before)
      })
    }
  }
})

describe('claim', () => {
  test('of many workers exactly one wins', async () => {
    const { id } = await given('PENDING', { claimToken: undefined, leaseExpiresAt: undefined })
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, n) => claim(jobs, { id, token: `t${n}` }, terms, now)),
    )
    const won = claims.filter((job) => job !== undefined)
    expect(won).toHaveLength(1)
    expect(await table.row(id)).toMatchObject({ claimToken: won[0]?.claimToken, attempt: 2, claims: 2, version: 5 })
  })

  test('of a row put by hand writes what is missing', async () => {
    await table.put({ id: 'by-hand', queryType: 'ask', status: 'PENDING', requestData: '{}' })
    const job = await claim(jobs, { id: 'by-hand', token: 't' }, terms, now)
    expect(job).toMatchObject({
      status: 'PROCESSING',
      attempt: 1,
      claims: 1,
      maxAttempts: 3,
      version: 2,
      createdAt: iso(now),
      startedAt: iso(now),
      leaseExpiresAt: now + 60_000,
      dueAt: now + 60_000,
    })
    expect((await table.row('by-hand')).dueShard).toBeTypeOf('number')
  })

  test('waits for runAt, give or take a second between two clocks, and clears what the last attempt left', async () => {
    const result = { resultData: '1', resultKey: 'k', resultPreview: '1' }
    const { id } = await given('PENDING', { runAt: iso(now + 5_000), error, completedAt: iso(now), ...result })
    expect(await claim(jobs, { id, token: 't' }, terms, now)).toBeUndefined()
    expect(await claim(jobs, { id, token: 't' }, terms, now + 4_500)).toBeDefined()
    const row = await table.row(id)
    for (const name of ['runAt', 'error', 'completedAt', ...Object.keys(result)]) expect(row).not.toHaveProperty(name)
  })

  test('leaves a lease alone, also one that ran out: the sweep asks twice before it takes it', async () => {
    const { id } = await given('PROCESSING', { leaseExpiresAt: now })
    expect(await claim(jobs, { id, token: 'next' }, terms, now)).toBeUndefined()
    expect(await claim(jobs, { id, token: 'next' }, terms, now + 600_000)).toBeUndefined()
  })

  test('of a job that does not exist makes no row', async () => {
    expect(await claim(jobs, { id: 'nobody', token: 't' }, terms, now)).toBeUndefined()
    expect(await table.row('nobody')).toEqual({})
  })

  test('that was done though its answer was lost is ours when it is repeated', async () => {
    const { id } = await given('PENDING')
    await claim(jobs, { id, token: 'mine' }, terms, now)
    expect(await claim(jobs, { id, token: 'mine' }, terms, now)).toMatchObject({
      claimToken: 'mine',
      attempt: 2,
      version: 5,
    })
    expect(await claim(jobs, { id, token: 'other' }, terms, now)).toBeUndefined()
  })
})

describe('a worker whose job was taken over', () => {
  const takeOver = async (stale: Lease) => {
    await requeueLostWorker(jobs, stale.id, error, now)
    await claim(jobs, { ...stale, token: 'next' }, terms, now)
  }

  test('sees so by a look', async () => {
    const stale = await given('PROCESSING')
    expect(await isLeased(jobs, stale)).toBe(true)
    await takeOver(stale)
    expect(await isLeased(jobs, stale)).toBe(false)
    expect(await isLeased(jobs, { ...stale, token: 'next' })).toBe(true)
    expect(await isLeased(jobs, await given('CANCELLED'))).toBe(false)
    expect(await isLeased(jobs, { id: 'nobody', token: 'mine' })).toBe(false)
  })

  test('can write nothing any more', async () => {
    const stale = await given('PROCESSING')
    await takeOver(stale)
    const before = await table.row(stale.id)
    expect(await heartbeat(jobs, stale, { progress: 1 }, 60_000, now)).toBe(false)
    expect(await complete(jobs, stale, { resultData: '"late"' }, {}, now)).toBe(false)
    expect(await fail(jobs, stale, error, {}, now)).toBe(false)
    expect(await retryLater(jobs, stale, { error, runAt: now }, {}, now)).toBe(false)
    expect(await table.row(stale.id)).toEqual(before)
  })
})

describe('the end', () => {
  const notDue = ['claimToken', 'leaseExpiresAt', 'dueShard', 'dueAt']

  test('complete writes the result, and leaves nothing to look for', async () => {
    const lease = await given('PROCESSING', { partialResult: '"half"' })
    const usage = { inputTokens: 1, outputTokens: 2, modelLatencyMs: 3 }
    expect(await complete(jobs, lease, { resultData: '{"a":1}' }, { progress: 1, usage }, now)).toBe(true)
    const row = await table.row(lease.id)
    expect(row).toMatchObject({
      resultData: '{"a":1}',
      completedAt: iso(now),
      progress: 1,
      usage,
      ttl: now / 1000 + 604_800,
    })
    for (const name of [...notDue, 'partialResult']) expect(row).not.toHaveProperty(name)
  })

  test('fail keeps what was reported, and the ttl that the owner gave', async () => {
    const lease = await given('PROCESSING', { ttl: 99 })
    await fail(jobs, lease, error, { partialResult: '"half"', progressMessage: 'reading' }, now)
    const row = await table.row(lease.id)
    expect(row).toMatchObject({ error, partialResult: '"half"', progressMessage: 'reading', ttl: 99 })
    for (const name of notDue) expect(row).not.toHaveProperty(name)
  })

  test('retryLater says why, when, and when to look again', async () => {
    const lease = await given('PROCESSING')
    await retryLater(jobs, lease, { error, runAt: now + 12_000 }, {}, now)
    const row = await table.row(lease.id)
    expect(row).toMatchObject({ error, runAt: iso(now + 12_000), dueAt: now + 312_000, attempt: 1 })
    expect(row).not.toHaveProperty('claimToken')
  })

  test('a fault of the table is thrown, not taken for a refusal', async () => {
    const missing = { ...jobs, table: 'NoSuchTable' }
    await expect(complete(missing, { id: 'a', token: 't' }, { resultData: '1' }, {}, now)).rejects.toThrow(
      /resource not found/,
    )
    await expect(claim(missing, { id: 'a', token: 't' }, terms, now)).rejects.toThrow(/resource not found/)
  })
})
