import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobChanged, Send } from '../../engine/dispatch.ts'
import { dispatchJobs } from '../../engine/dispatch.ts'
import { startTable, type TestTable } from './job-table.ts'
import { recordingLog } from './recording-log.ts'

const sessionKey = 'me#s'
let table: TestTable
let clock: ManualClock
let sent: string[]

beforeEach(async () => {
  table = await startTable()
  clock = new ManualClock(Date.parse('2026-03-01T10:00:00.000Z'))
  sent = []
})
afterEach(() => table[Symbol.asyncDispose]())

const turn = (id: string, values: object = {}) => ({ id, queryType: 'ask', status: 'PENDING', sessionKey, ...values })
const put = (id: string, values: object = {}) => table.put(turn(id, values))
const turns = async () => (await table.session(sessionKey))?.turns

/** What the stream says of rows that were so once. */
async function changed(...rows: Record<string, unknown>[]) {
  const changes = rows.map(({ isGone = false, ...row }) => ({ id: row.id, row, isGone }) as JobChanged)
  const send: Send = async (_queue, dispatches) => {
    sent.push(...dispatches.map(({ message }) => message.id))
    return dispatches.map(() => 'taken')
  }
  const log = recordingLog()
  const failed = await dispatchJobs(changes, { jobs: table.jobs, sessionTable: table.sessions, send, clock, log })
  return { failed, log }
}

describe('a turn that waits', () => {
  test('is sent when it is the next, and the later ones are not', async () => {
    for (const id of ['1', '2', '3']) await put(id)
    await changed(turn('1'), turn('2'), turn('3'))
    expect(sent).toEqual(['1'])
    expect(await turns()).toEqual(['1', '2', '3'])
    await changed(turn('2'), turn('3'))
    expect(sent).toEqual(['1'])
  })

  test('has the place that createAgentJob gave it, in whatever order the stream tells', async () => {
    await table.putSession({ sessionKey, turns: ['1', '2'] })
    for (const id of ['1', '2', 'by-hand']) await put(id)
    await changed(turn('by-hand'), turn('2'), turn('1'))
    expect(sent).toEqual(['1'])
    expect(await turns()).toEqual(['1', '2', 'by-hand'])
  })

  test('holds the others up for as long as it is not over, whatever it waits for', async () => {
    const runAt = '2026-03-02T00:00:00.000Z'
    await table.putSession({ sessionKey, turns: ['1', '2'] })
    await put('1', { runAt })
    await put('2')
    await changed(turn('1', { runAt }), turn('2'))
    expect(sent).toEqual([])
    await put('1', { status: 'PROCESSING' })
    await changed(turn('2'))
    expect(sent).toEqual([])
  })

  test('is not put in line by an old word of it', async () => {
    await put('1', { status: 'COMPLETE' })
    await changed(turn('1'))
    expect(sent).toEqual([])
    expect(await table.session(sessionKey)).toBeUndefined()
  })

  test('is of one session only: the item lives for longer than any start may be away', async () => {
    await put('1')
    await changed(turn('1'))
    const session = await table.session(sessionKey)
    expect(session).toMatchObject({ updatedAt: '2026-03-01T10:00:00.000Z' })
    expect(Number(session?.ttl) * 1000 - clock.now()).toBeGreaterThan(366 * 86_400_000)
  })
})

describe('an end', () => {
  beforeEach(async () => {
    await table.putSession({ sessionKey, turns: ['1', '2', '3'] })
    for (const id of ['1', '2', '3']) await put(id)
  })

  test.each(['COMPLETE', 'FAILED', 'CANCELLED'])('%s lets the next turn go', async (status) => {
    await put('1', { status })
    await changed(turn('1', { status }))
    expect(sent).toEqual(['2'])
    expect(await turns()).toEqual(['2', '3'])
  })

  test('told twice, or late, takes nothing but that turn off', async () => {
    await put('1', { status: 'COMPLETE' })
    await changed(turn('1', { status: 'COMPLETE' }), turn('1', { status: 'COMPLETE' }))
    await put('2', { status: 'PROCESSING' })
    await changed(turn('1', { status: 'COMPLETE' }))
    expect(sent).toEqual(['2'])
    expect(await turns()).toEqual(['2', '3'])
  })

  test('that is over by now is no end: the turn was run again', async () => {
    await changed(turn('1', { status: 'FAILED' }))
    expect(await turns()).toEqual(['1', '2', '3'])
    expect(sent).toEqual(['1'])
  })

  test('of a row that went is one, unless a new job has its id', async () => {
    await table.delete('1')
    await changed(turn('1', { isGone: true }))
    expect(sent).toEqual(['2'])
    await table.put({ ...turn('2'), sessionKey: 'you#s' })
    await changed(turn('2', { isGone: true }))
    expect(sent).toEqual(['2', '3'])
    expect(await turns()).toEqual(['3'])
  })

  test('of a turn in the middle leaves its place to none', async () => {
    await put('2', { status: 'CANCELLED' })
    await changed(turn('2', { status: 'CANCELLED' }))
    expect(await turns()).toEqual(['1', '3'])
  })

  test('of the last turn takes the item along', async () => {
    for (const id of ['1', '2', '3']) await put(id, { status: 'COMPLETE' })
    await changed(turn('3', { status: 'COMPLETE' }))
    expect(sent).toEqual([])
    expect(await table.session(sessionKey)).toBeUndefined()
  })

  test('whose word was lost is found by the next look at the session', async () => {
    await put('1', { status: 'COMPLETE' })
    await table.delete('2')
    await changed(turn('3'))
    expect(sent).toEqual(['3'])
    expect(await turns()).toEqual(['3'])
  })
})

test('many looks at once, and again, keep the order and lose nothing', async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `t${n}`)
  for (const id of ids) await put(id, { status: Number(id.slice(1)) < 10 ? 'COMPLETE' : 'PENDING' })
  await table.putSession({ sessionKey, turns: ids.slice(0, 15) })
  const words = ids.map((id, n) => turn(id, { status: n < 10 ? 'COMPLETE' : 'PENDING' }))
  await Promise.all([changed(...words), changed(...words.toReversed()), changed(...words)])
  const left = (await turns()) as string[]
  expect(left.slice(0, 5)).toEqual(['t10', 't11', 't12', 't13', 't14'])
  expect(left.toSorted()).toEqual(ids.slice(10).toSorted())
  expect(new Set(sent)).toEqual(new Set(['t10']))
})

describe('what a hand has put', () => {
  test('in place of ids is passed over when its turn comes', async () => {
    await table.putSession({ sessionKey, turns: [{ a: 1 }, 7, '', 'never-was', '1'] })
    await put('1')
    await changed(turn('1'))
    expect(sent).toEqual(['1'])
    expect(await turns()).toEqual(['1'])
  })

  test('as a session that no table takes ends its turns, and holds up no other job', async () => {
    const bad = 'k'.repeat(2_049)
    await put('1', { sessionKey: bad })
    await put('plain', { sessionKey: undefined })
    const { failed, log } = await changed(turn('1', { sessionKey: bad }), { ...turn('plain'), sessionKey: undefined })
    expect(failed).toEqual([])
    expect(sent).toEqual(['plain'])
    expect(await table.row('1')).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DISPATCHED' } })
    expect(log.lines.join()).toMatch(/ERROR A job can never be put into its queue/)
    expect((await changed(turn('1', { sessionKey: bad, status: 'FAILED' }))).failed).toEqual([])
  })

  test.each([7, '', null])('as a session that is none (%j) is no turn', async (none) => {
    await put('1', { sessionKey: none })
    await changed(turn('1', { sessionKey: none }))
    expect(sent).toEqual(['1'])
  })
})

test('a session that is out of reach comes again, and the other jobs go', async () => {
  await put('1')
  const sessions = { ...table.sessions, table: 'NoSuchTable' }
  const send: Send = async (_queue, dispatches) => {
    sent.push(...dispatches.map(({ message }) => message.id))
    return dispatches.map(() => 'taken')
  }
  const changes = [turn('1'), { ...turn('2'), sessionKey: undefined }].map((row) => ({
    id: row.id,
    row,
    isGone: false,
  }))
  const log = recordingLog()
  expect(await dispatchJobs(changes, { jobs: table.jobs, sessionTable: sessions, send, clock, log })).toEqual([0])
  expect(sent).toEqual(['2'])
})
