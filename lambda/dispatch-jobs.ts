import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
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
  return Failed
}

const { jobTable, sessionTable, resultTtlSeconds, queueUrls } = dispatchSettings(process.env)
const documents = createDocumentClient()

/** Reads the table's stream and puts each job that waits for a worker into its queue. */
export const handler = dispatchRecords({
  jobs: { documents, table: jobTable, resultTtlSeconds },
  sessionTable: { documents, table: sessionTable },
  queueUrls,
  sendBatch,
  clock: systemClock,
  log,
})
