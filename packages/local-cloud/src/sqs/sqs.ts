import type { SQSRecord } from 'aws-lambda'
import type { Clock } from '../clock.ts'
import type { Handle, Identity } from '../service.ts'
import { openJournal } from './journal.ts'
import { lambdaRecord } from './message.ts'
import { openProtocol, type SqsProtocol } from './protocol.ts'
import type { Queue } from './queue.ts'
import { type QueueProperties, queueAttributes } from './queue-attributes.ts'
import { QueueStore } from './queue-store.ts'

export interface SqsOptions {
  clock: Clock
  identity: Identity
  /** Start of every queue's URL; a function when it is known only later. */
  baseUrl: string | (() => string)
  /** File that keeps the messages over restarts; without it they end with the process. */
  path?: string
}

export interface SendOptions {
  delaySeconds?: number
  messageGroupId?: string
  messageDeduplicationId?: string
}

export interface Sqs {
  handle: Handle
  createQueue(properties: QueueProperties): Promise<{ queueUrl: string; queueArn: string; queueName: string }>
  /** Waits for at least one message and takes up to `max`; none only when `signal` is aborted or SQS closes. */
  receive(queueArn: string, options: { max: number; signal?: AbortSignal }): Promise<SQSRecord[]>
  deleteMessages(queueArn: string, receiptHandles: string[]): void
  /** Makes messages visible again in `seconds`. */
  release(queueArn: string, receiptHandles: string[], seconds: number): void
  send(queueArn: string, body: string, options?: SendOptions): Promise<{ messageId: string }>
  counts(queueArn: string): { visible: number; inFlight: number; delayed: number }
  close(): Promise<void>
}

/** SQS: fauxqs checks and answers the requests, and the queues behind it run on `clock`. */
export async function createSqs({ clock, identity, baseUrl, path }: SqsOptions): Promise<Sqs> {
  const journal = path === undefined ? undefined : openJournal(path)
  const urlOf = () => (typeof baseUrl === 'string' ? baseUrl : baseUrl())
  const store = new QueueStore({ clock, identity, baseUrl: urlOf, journal })
  const protocol = await openProtocol(store, identity.region)
  let isClosed = false

  return {
    handle: protocol.handle,
    async createQueue(properties) {
      const { QueueName, Tags = [] } = properties
      const attributes = queueAttributes(properties)
      if ((attributes.FifoQueue === 'true') !== QueueName.endsWith('.fifo')) {
        throw new Error(`QueueName must end in .fifo if and only if FifoQueue is true, got ${QueueName}`)
      }
      const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))
      const { url, arn, name } = store.createQueue(QueueName, '', '', attributes, tags)
      return { queueUrl: url, queueArn: arn, queueName: name }
    },
    async receive(queueArn, { max, signal }) {
      const queue = find(store, queueArn)
      for (;;) {
        if (signal?.aborted || isClosed) return []
        const taken = queue.take(max)
        if (taken.length > 0) return taken.map((entry) => lambdaRecord(entry, queue.arn, identity.accountId))
        await queue.waitForMessages(undefined, signal)
      }
    },
    deleteMessages(queueArn, receiptHandles) {
      const queue = find(store, queueArn)
      for (const receiptHandle of receiptHandles) queue.deleteMessage(receiptHandle)
    },
    release(queueArn, receiptHandles, seconds) {
      const queue = find(store, queueArn)
      for (const receiptHandle of receiptHandles) queue.changeVisibility(receiptHandle, seconds)
    },
    send: (queueArn, body, options = {}) => send(protocol, find(store, queueArn), body, options),
    counts: (queueArn) => find(store, queueArn).counts(),
    async close() {
      isClosed = true
      store.shutdown()
      await protocol.close()
      journal?.close()
    },
  }
}

function find(store: QueueStore, queueArn: string): Queue {
  const queue = store.getQueueByArn(queueArn)
  if (queue) return queue
  const names = store.listQueues().map(({ name }) => name)
  throw new Error(`No queue ${queueArn}. There are: ${names.join(', ') || 'none'}`)
}

async function send(
  protocol: SqsProtocol,
  queue: Queue,
  body: string,
  options: SendOptions,
): Promise<{ messageId: string }> {
  const { delaySeconds: DelaySeconds, messageGroupId: MessageGroupId } = options
  const { messageDeduplicationId: MessageDeduplicationId } = options
  const request = { QueueUrl: queue.url, MessageBody: body, DelaySeconds, MessageGroupId, MessageDeduplicationId }
  const { MessageId } = await protocol.call('SendMessage', request).catch((error: Error) => {
    throw new Error(`Cannot send to ${queue.arn}: ${error.message}`, { cause: error })
  })
  return { messageId: MessageId as string }
}
