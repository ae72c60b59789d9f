import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import type { Clock } from '../engine/clock.ts'
import { isoTime } from '../engine/clock.ts'
import type { Job } from '../engine/job/job.ts'
import { MAX_QUEUE_DELAY_MS } from '../engine/job/job.ts'
import { readJob } from '../engine/job/read-job.ts'
import type { JobMessage } from './job-message.ts'
import type { Log } from './log.ts'
import type { QueueUrls } from './settings.ts'

/** Sends up to ten messages; answers with the entry ids that the queue refused. */
export type SendBatch = (queueUrl: string, entries: SendMessageBatchRequestEntry[]) => Promise<string[]>

export interface Dispatcher {
  queueUrls: QueueUrls
  sendBatch: SendBatch
  clock: Clock
  log: Log
}

interface Dispatch {
  queueUrl: string
  /** The id is the record's place in the batch. */
  entry: SendMessageBatchRequestEntry
}

/** Puts a message into a queue for each job of the batch that waits for a worker. */
export function createDispatchJobs(dispatcher: Dispatcher) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const dispatches = Records.flatMap((record, index) => route(dispatcher, record, index) ?? [])
    const queues = Map.groupBy(dispatches, ({ queueUrl }) => queueUrl)
    const failed = await Promise.all(
      [...queues].map(([queueUrl, entries]) =>
        sendAll(
          dispatcher,
          queueUrl,
          entries.map(({ entry }) => entry),
        ),
      ),
    )
    const first = Math.min(...failed.flat())
    if (first === Number.POSITIVE_INFINITY) return { batchItemFailures: [] }
    // Lambda resumes the shard from this record. Later ones that were sent are sent again: the claim sorts that out.
    return { batchItemFailures: [{ itemIdentifier: Records[first]?.dynamodb?.SequenceNumber ?? '' }] }
  }
}

/** Which queue a record's job goes to; nothing when it does not wait, or when its start is too far away for a queue. */
function route({ queueUrls, clock }: Dispatcher, { dynamodb }: DynamoDBRecord, index: number): Dispatch | undefined {
  if (dynamodb?.NewImage?.status?.S !== 'PENDING') return undefined
  const row = unmarshall(dynamodb.NewImage as Record<string, AttributeValue>, { wrapNumbers: Number })
  const now = clock.now()
  const job = readJob(row, isoTime(now))
  const delayMs = job.runAt ? Math.max(0, Date.parse(job.runAt) - now) : 0
  if (delayMs > MAX_QUEUE_DELAY_MS) return undefined
  const entry = { Id: String(index), MessageBody: JSON.stringify(message(job)) }
  if (delayMs > 0) {
    // A FIFO queue takes no delay per message, so a turn with a later start waits in its priority's queue.
    return { queueUrl: queueUrls[job.priority], entry: { ...entry, DelaySeconds: Math.ceil(delayMs / 1000) } }
  }
  if (!job.sessionKey) return { queueUrl: queueUrls[job.priority], entry }
  const turn = { MessageGroupId: job.sessionKey, MessageDeduplicationId: `${job.id}#${job.version}` }
  return { queueUrl: queueUrls.sessions, entry: { ...entry, ...turn } }
}

function message({ id, queryType }: Job): JobMessage {
  return { id, queryType }
}

// SQS takes at most ten messages in one call.
const BATCH = 10

/** Sends in order, and stops at a refusal: in a FIFO queue a later turn must not overtake. Answers with the places that failed. */
async function sendAll(
  { sendBatch, log }: Dispatcher,
  queueUrl: string,
  entries: SendMessageBatchRequestEntry[],
): Promise<number[]> {
  for (let from = 0; from < entries.length; from += BATCH) {
    const batch = entries.slice(from, from + BATCH)
    try {
      const refused = await sendBatch(queueUrl, batch)
      if (refused.length > 0) return refused.map(Number)
    } catch (error) {
      log.error('Jobs could not be sent to their queue', { queueUrl, jobs: batch.length, error: error as Error })
      return batch.map(({ Id }) => Number(Id))
    }
  }
  return []
}
