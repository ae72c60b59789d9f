import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import type { Dispatch, Send } from '../engine/dispatch.ts'
import { dispatchJobs } from '../engine/dispatch.ts'
import type { Log } from '../engine/log.ts'
import type { Clock } from '../sdk/clock.ts'
import type { QueueUrls } from './settings.ts'
import { resumeAt, rowOf } from './stream-records.ts'

/** Sends up to ten messages; answers with the entry ids that the queue refused. */
export type SendBatch = (queueUrl: string, entries: SendMessageBatchRequestEntry[]) => Promise<string[]>

export interface Dispatcher {
  queueUrls: QueueUrls
  sendBatch: SendBatch
  clock: Clock
  log: Log
}

/** Puts a message into a queue for each job of the batch that waits for a worker. */
export function dispatchRecords(dispatcher: Dispatcher) {
  const send = createSend(dispatcher)
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const rows = Records.map(({ dynamodb }) => rowOf(dynamodb?.NewImage))
    return resumeAt(Records, await dispatchJobs(rows, { send, clock: dispatcher.clock }))
  }
}

// SQS takes at most ten messages in one call.
const BATCH = 10

/** Stops at a refusal: in a FIFO queue a later turn must not overtake. */
function createSend({ queueUrls, sendBatch, log }: Dispatcher): Send {
  return async (queue, dispatches) => {
    const queueUrl = queueUrls[queue]
    const entries = dispatches.map(entryOf)
    for (let from = 0; from < entries.length; from += BATCH) {
      const batch = entries.slice(from, from + BATCH)
      try {
        const refused = await sendBatch(queueUrl, batch)
        if (refused.length > 0) return Math.min(...refused.map(Number))
      } catch (error) {
        log.error('Jobs could not be sent to their queue', { queueUrl, jobs: batch.length, error })
        return from
      }
    }
    return entries.length
  }
}

/** The id is the message's place among those of its queue. */
function entryOf({ message, delayMs, turn }: Dispatch, place: number): SendMessageBatchRequestEntry {
  return {
    Id: String(place),
    MessageBody: JSON.stringify(message),
    ...(delayMs > 0 && { DelaySeconds: Math.ceil(delayMs / 1000) }),
    ...(turn && { MessageGroupId: turn.sessionKey, MessageDeduplicationId: turn.writeId }),
  }
}
