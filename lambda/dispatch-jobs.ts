import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { systemClock } from '../sdk/clock.ts'
import type { SendBatch } from './dispatch-records.ts'
import { dispatchRecords } from './dispatch-records.ts'
import { log } from './log.ts'
import { dispatchSettings } from './settings.ts'

const sockets = { keepAlive: true, maxSockets: 500 }
const sqs = new SQSClient({
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, httpAgent: sockets, httpsAgent: sockets },
})

const sendBatch: SendBatch = async (QueueUrl, Entries) => {
  const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
  for (const { Id, Code, Message } of Failed) log.error('SQS refused a message', { QueueUrl, Id, Code, Message })
  return Failed.map(({ Id }) => Id ?? '0')
}

/** Reads the table's stream and puts each job that waits for a worker into its queue. */
export const handler = dispatchRecords({ ...dispatchSettings(process.env), sendBatch, clock: systemClock, log })
