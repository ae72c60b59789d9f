import { ManualClock } from '@agent-jobs/local-cloud/clock'
import type { BatchResultErrorEntry, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SendBatch } from '../../lambda/dispatch-records.ts'
import { dispatchRecords } from '../../lambda/dispatch-records.ts'
import { startTable, type TestTable } from '../engine/job-table.ts'
import { recordingLog } from '../engine/recording-log.ts'

const clock = new ManualClock(Date.parse('2026-03-01T10:00:00.000Z'))
const queueUrls = { HIGH: 'high', NORMAL: 'normal', LOW: 'low' }
const later = (ms: number) => new Date(clock.now() + ms).toISOString()

let table: TestTable
beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table[Symbol.asyncDispose]())

let sequence = 100
beforeEach(() => {
  sequence = 100
})

function changes(...rows: Record<string, unknown>[]): DynamoDBStreamEvent {
  return {
    Records: rows.map((row) => ({
      eventName: 'INSERT',
      dynamodb: {
        SequenceNumber: `${sequence++}`,
        Keys: marshall({ id: row.id }) as Record<string, never>,
        NewImage: marshall({ queryType: 'ask', status: 'PENDING', ...row }) as Record<string, never>,
      },
    })),
  }
}

type Sent = { queue: string } & SendMessageBatchRequestEntry
const idOf = ({ MessageBody }: SendMessageBatchRequestEntry) => JSON.parse(MessageBody ?? '').id as string

/** A dispatcher, and what its queues took; `refuse` says what they do not take. */
function startDispatcher(refuse: SendBatch = async () => []) {
  const sent: Sent[] = []
  const log = recordingLog()
  const sendBatch: SendBatch = async (queue, entries) => {
    const failed = await refuse(queue, entries)
    for (const entry of entries) if (!failed.some(({ Id }) => Id === entry.Id)) sent.push({ queue, ...entry })
    return failed
  }
  const handle = dispatchRecords({ jobs: table.jobs, sessionTable: table.sessions, queueUrls, sendBatch, clock, log })
  return { handle, sent, log }
}

async function dispatch(event: DynamoDBStreamEvent, refuse?: SendBatch) {
  const { handle, sent, log } = startDispatcher(refuse)
  const response = await handle(event)
  return { sent, response, log, ids: sent.map(idOf) }
}

/** Refuses the messages of these jobs. */
const refusing =
  (ids: string[], how: Omit<BatchResultErrorEntry, 'Id'>): SendBatch =>
  async (_queue, entries) =>
    entries.filter((entry) => ids.includes(idOf(entry))).map(({ Id }) => ({ Id, ...how }))
const busy = { SenderFault: false, Code: 'InternalError', Message: 'try again' }
const wrong = { SenderFault: true, Code: 'InvalidParameterValue', Message: 'no such thing' }

test('a job goes to the queue of its priority, and its message holds no data', async () => {
  const rows = [
    { id: 'h', priority: 'HIGH' },
    { id: 'n', requestData: 'secret' },
    { id: 'l', priority: 'LOW' },
  ]
  const { sent, response } = await dispatch(changes(...rows))
  expect(sent.map(({ queue, MessageBody }) => [queue, MessageBody])).toEqual([
    ['high', '{"id":"h","queryType":"ask"}'],
    ['normal', '{"id":"n","queryType":"ask"}'],
    ['low', '{"id":"l","queryType":"ask"}'],
  ])
  expect(response).toEqual({ batchItemFailures: [] })
})

test('a later start is delayed by the queue, rounded up; a far one is left to the sweep', async () => {
  const rows = [
    { id: 'soon', runAt: later(1_200) },
    { id: 'edge', runAt: later(900_000) },
    { id: 'far', runAt: later(900_001) },
    { id: 'past', runAt: later(-5_000) },
  ]
  const { sent, ids } = await dispatch(changes(...rows))
  expect(ids).toEqual(['soon', 'edge', 'past'])
  expect(sent.map(({ DelaySeconds }) => DelaySeconds)).toEqual([2, 900, undefined])
})

test('what does not wait for a worker is passed over', async () => {
  const { ids } = await dispatch(
    changes({ id: 'a', status: 'PROCESSING' }, { id: 'b' }, { id: 'c', status: 'COMPLETE' }),
  )
  expect(ids).toEqual(['b'])
})

test('more than ten jobs go in several calls', async () => {
  const sizes: number[] = []
  await dispatch(changes(...Array.from({ length: 25 }, (_, n) => ({ id: `j${n}` }))), async (_queue, entries) => {
    sizes.push(entries.length)
    return []
  })
  expect(sizes).toEqual([10, 10, 5])
})

test('a queue that cannot be reached fails its own jobs, and says so', async () => {
  const { response, ids, log } = await dispatch(changes({ id: 'a', priority: 'HIGH' }, { id: 'b' }), async (queue) => {
    if (queue === 'normal') throw new Error('ECONNREFUSED')
    return []
  })
  expect(ids).toEqual(['a'])
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '101' }] })
  expect(log.lines.join()).toMatch(/ERROR Jobs could not be sent.*ECONNREFUSED/)
})

describe('one that is not taken', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c', priority: 'HIGH' }, { id: 'd' }]

  test('holds up no other: the shard resumes there, and those behind it are not sent again', async () => {
    let refused = ['b']
    const { handle, sent } = startDispatcher((queue, entries) => refusing(refused, busy)(queue, entries))
    const event = changes(...rows)
    expect(await handle(event)).toEqual({ batchItemFailures: [{ itemIdentifier: '101' }] })
    expect(sent.map(idOf).sort()).toEqual(['a', 'c', 'd'])
    refused = []
    const again = { Records: event.Records.slice(1) }
    expect(await handle(again)).toEqual({ batchItemFailures: [] })
    expect(sent.map(idOf).slice(3)).toEqual(['b'])
    // That they were taken is forgotten with that: a record that comes once more now is a double of the stream's own.
    await handle(again)
    expect(sent).toHaveLength(7)
  })

  test('ends with the reason when it never will be, and is done with', async () => {
    for (const row of rows) await table.put({ queryType: 'ask', status: 'PENDING', ...row })
    const { response, ids, log } = await dispatch(changes(...rows), refusing(['b'], wrong))
    expect(response).toEqual({ batchItemFailures: [] })
    expect(ids.sort()).toEqual(['a', 'c', 'd'])
    const error = { code: 'NOT_DISPATCHED', message: expect.stringContaining('no such thing'), retryable: false }
    expect(await table.row('b')).toMatchObject({ status: 'FAILED', version: 2, error })
    expect(await table.row('a')).toMatchObject({ status: 'PENDING' })
    expect(log.lines.join()).toMatch(/ERROR A job can never be put into its queue.*"jobId":"b"/)
  })

  test.each(['ThrottlingException', 'AccessDenied', 'KmsDisabled'])(
    'comes again when the fault is not of its message: %s',
    async (Code) => {
      const { response } = await dispatch(changes(...rows), refusing(['b'], { ...wrong, Code }))
      expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '101' }] })
    },
  )

  test.each(['InvalidMessageContents', 'BatchRequestTooLong'])(
    'is found among those of a call that is refused as a whole: %s',
    async (name) => {
      await table.put({ id: 'b', queryType: 'ask', status: 'PENDING' })
      const { response, ids } = await dispatch(changes(...rows), async (_queue, entries) => {
        if (entries.map(idOf).includes('b')) throw Object.assign(new Error('no'), { name })
        return []
      })
      expect(response).toEqual({ batchItemFailures: [] })
      expect(ids.sort()).toEqual(['a', 'c', 'd'])
      expect(await table.row('b')).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DISPATCHED' } })
    },
  )

  test('and cannot be ended either comes again', async () => {
    const { handle } = startDispatcher(refusing(['b'], wrong))
    const { send } = table.documents
    table.documents.send = () => Promise.reject(new Error('ECONNRESET'))
    expect(await handle(changes(...rows))).toEqual({ batchItemFailures: [{ itemIdentifier: '101' }] })
    table.documents.send = send
  })
})

describe('owners share a queue fairly', () => {
  test.each([
    ['sub-1', 'sub-1'],
    [undefined, 'nobody'],
    ['o'.repeat(128), 'o'.repeat(128)],
    ['o'.repeat(129), /^[0-9a-f]{64}$/],
    ['Åsa', /^[0-9a-f]{64}$/],
    ['with space', /^[0-9a-f]{64}$/],
    ['end\n', /^[0-9a-f]{64}$/],
    ['', /^[0-9a-f]{64}$/],
  ])('a job of %j is of the group %s', async (owner, group) => {
    const { sent } = await dispatch(changes({ id: 'a', ...(owner !== undefined && { owner }) }))
    expect(sent[0]?.MessageGroupId).toMatch(group)
    expect(sent[0]?.MessageGroupId).toMatch(/^[!-~]{1,128}$/)
  })
})

test('whatever a row holds, its message is one that SQS takes', async () => {
  const odd = '\u0000\uFFFE\uFFFF\uD800'
  const rows = Array.from({ length: 10 }, (_, n) => ({
    id: `${n}${odd}${'\u0001'.repeat(2_000)}`,
    queryType: odd.repeat(90_000),
  }))
  const { sent } = await dispatch(changes(...rows))
  expect(sent.map(idOf)).toEqual(rows.map(({ id }) => id))
  const bodies = sent.map(({ MessageBody }) => MessageBody ?? '')
  for (const body of bodies) expect(body).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]+$/)
  expect(bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0)).toBeLessThan(1_048_576)
})
