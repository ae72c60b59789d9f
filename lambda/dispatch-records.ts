import { createHash } from 'node:crypto'
import type { BatchResultErrorEntry, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import type { Dispatch, Dispatcher as EngineDispatcher, JobChanged, Send, Sent } from '../engine/dispatch.ts'
import { dispatchJobs } from '../engine/dispatch.ts'
import { PermanentFailure, RetryLater } from '../sdk/failures.ts'
import type { QueueUrls } from './settings.ts'
import { createResume, rowOf } from './stream-records.ts'

/** Sends up to ten messages; answers with those that the queue did not take. */
export type SendBatch = (queueUrl: string, entries: SendMessageBatchRequestEntry[]) => Promise<BatchResultErrorEntry[]>

export interface Dispatcher extends Omit<EngineDispatcher, 'send'> {
  queueUrls: QueueUrls
  sendBatch: SendBatch
}

/** Puts a message into a queue for each job of the batch that waits for a worker. */
export function dispatchRecords(dispatcher: Dispatcher) {
  const send = createSend(dispatcher)
  const resume = createResume()
  return ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    resume(Records, (records) => dispatchJobs(records.map(changeOf), { ...dispatcher, send }))
}

function changeOf({ eventName, dynamodb }: DynamoDBRecord): JobChanged {
  const isGone = eventName === 'REMOVE'
  return {
    id: dynamodb?.Keys?.id?.S ?? '',
    row: rowOf(isGone ? dynamodb?.OldImage : dynamodb?.NewImage),
    isGone,
  }
}

// SQS takes at most ten messages in one call, and 1 MiB: ours have a few KB at most.
const BATCH = 10

function createSend({ queueUrls, sendBatch, log }: Dispatcher): Send {
  /** One call for all; when the call as a whole is refused for what is in it, one for each, to find whose fault it is. */
  async function sendEntries(queueUrl: string, entries: SendMessageBatchRequestEntry[]): Promise<Sent[]> {
    try {
      const failed = new Map((await sendBatch(queueUrl, entries)).map((entry) => [entry.Id, entry]))
      for (const { Id, Code, Message } of failed.values()) {
        log.error('SQS did not take a message', { queueUrl, Id, Code, Message })
      }
      return entries.map(({ Id }) => sentOf(failed.get(Id)))
    } catch (error) {
      const { name: Code, message: Message } = error as Error
      if (!OF_AN_ENTRY.test(Code)) {
        log.error('Jobs could not be sent to their queue', { queueUrl, jobs: entries.length, error: error as Error })
        return entries.map(() => sentOf({ Id: undefined, SenderFault: false, Code, Message }))
      }
      if (entries.length === 1) return [sentOf({ Id: undefined, SenderFault: true, Code, Message })]
      return (await Promise.all(entries.map((entry) => sendEntries(queueUrl, [entry])))).flat()
    }
  }
  return async (queue, dispatches) => {
    const entries = dispatches.map(entryOf)
    const sent: Sent[] = []
    for (let from = 0; from < entries.length; from += BATCH) {
      sent.push(...(await sendEntries(queueUrls[queue], entries.slice(from, from + BATCH))))
    }
    return sent
  }
}

/** Refusals of a whole call that one message in it has caused. */
const OF_AN_ENTRY =
  /InvalidMessageContents|BatchRequestTooLong|InvalidBatchEntryId|InvalidParameterValue|MissingParameter/

/** What SQS counts as the sender's fault and passes, or is for the stack's owner to mend. */
const OF_THE_STACK = /Throttl|OverLimit|AccessDenied|Kms/i

function sentOf(failed: BatchResultErrorEntry | undefined): Sent {
  if (!failed) return 'taken'
  const { SenderFault, Code = 'unknown', Message = '' } = failed
  const report = { code: Code, message: `SQS refused its message (${Code}): ${Message}`, remediation: '' }
  return SenderFault && !OF_THE_STACK.test(Code) ? new PermanentFailure(report) : new RetryLater(report)
}

/** The id is the message's place among those of its queue. */
function entryOf({ message, delayMs, owner }: Dispatch, place: number): SendMessageBatchRequestEntry {
  return {
    Id: String(place),
    MessageBody: bodyOf(message),
    MessageGroupId: groupOf(owner),
    ...(delayMs > 0 && { DelaySeconds: Math.ceil(delayMs / 1000) }),
  }
}

/** JSON text leaves two letters as they are that SQS does not take. */
function bodyOf(message: object): string {
  return JSON.stringify(message).replace(/[\uFFFE\uFFFF]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16)}`)
}

/** Groups of a standard queue get their share of it each, so that nobody's flood holds up the others. */
function groupOf(owner = 'nobody'): string {
  // What SQS takes as a group: letters, digits and punctuation of ASCII. An owner put by hand may have any.
  return /^[!-~]{1,128}$/.test(owner) ? owner : createHash('sha256').update(owner).digest('hex')
}
