import { ManualClock } from '@agent-jobs/local-cloud/clock'
import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { expect, test } from 'vitest'
import type { SendBatch } from '../../lambda/dispatch-records.ts'
import { dispatchRecords } from '../../lambda/dispatch-records.ts'
import { recordingLog } from '../engine/recording-log.ts'

const clock = new ManualClock(Date.parse('2026-03-01T10:00:00.000Z'))
const queueUrls = { HIGH: 'high', NORMAL: 'normal', LOW: 'low', sessions: 'sessions.fifo' }
const later = (ms: number) => new Date(clock.now() + ms).toISOString()

function changes(...rows: Record<string, unknown>[]): DynamoDBStreamEvent {
  return {
    Records: rows.map((row, index) => ({
      eventName: 'INSERT',
      dynamodb: {
        SequenceNumber: `${100 + index}`,
        NewImage: marshall({ queryType: 'ask', status: 'PENDING', ...row }) as Record<string, never>,
      },
    })),
  }
}

async function dispatch(event: DynamoDBStreamEvent, refuse: SendBatch = async () => []) {
  const sent: ({ queue: string } & SendMessageBatchRequestEntry)[] = []
  const log = recordingLog()
  const sendBatch: SendBatch = async (queue, entries) => {
    const refused = await refuse(queue, entries)
    for (const entry of entries) if (!refused.includes(entry.Id ?? '')) sent.push({ queue, ...entry })
    return refused
  }
  const response = await dispatchRecords({ queueUrls, sendBatch, clock, log })(event)
  return { sent, response, log, ids: sent.map(({ MessageBody }) => JSON.parse(MessageBody ?? '').id) }
}

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

test('turns of a session go through the FIFO queue, each write of one once', async () => {
  const { sent } = await dispatch(changes({ id: 'a', sessionKey: 'me#s1', version: 3, priority: 'HIGH' }))
  expect(sent).toMatchObject([{ queue: 'sessions.fifo', MessageGroupId: 'me#s1', MessageDeduplicationId: 'a#3' }])
  expect(sent[0]).not.toHaveProperty('DelaySeconds')
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

test('a turn with a later start waits in a standard queue, as FIFO takes no delay per message', async () => {
  const { sent } = await dispatch(changes({ id: 'a', sessionKey: 'me#s1', runAt: later(3_000) }))
  expect(sent).toMatchObject([{ queue: 'normal', DelaySeconds: 3 }])
  expect(sent[0]).not.toHaveProperty('MessageGroupId')
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

test('the shard resumes at the first record that a queue refused', async () => {
  const { response } = await dispatch(
    changes({ id: 'a' }, { id: 'b' }, { id: 'c', priority: 'HIGH' }, { id: 'd' }),
    async (_queue, entries) =>
      entries.filter(({ MessageBody }) => /"[bd]"/.test(MessageBody ?? '')).map(({ Id }) => `${Id}`),
  )
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '101' }] })
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

test('after a refusal no later turn of a session overtakes', async () => {
  const turns = Array.from({ length: 12 }, (_, n) => ({ id: `t${n}`, sessionKey: 'me#s' }))
  const { sent, response } = await dispatch(changes(...turns), async (_queue, [first]) =>
    first?.Id === '0' ? ['9'] : [],
  )
  expect(sent).toHaveLength(9)
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '109' }] })
})
