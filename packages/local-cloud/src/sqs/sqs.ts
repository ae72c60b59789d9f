import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SQSRecord } from 'aws-lambda'
import { type BuildAppOptions, buildApp } from 'fauxqs'
import type { Clock } from '../clock.ts'
import { openJournal } from './journal.ts'
import { lambdaRecord } from './message.ts'
import type { Queue } from './queue.ts'
import { type QueueProperties, queueAttributes } from './queue-attributes.ts'
import { QueueStore } from './queue-store.ts'
import { describeRequest, wireRequest } from './wire-request.ts'

export interface SqsOptions {
  clock: Clock
  identity: { accountId: string; region: string }
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
  handle(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void>
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
  const app = buildApp({ logger: false, defaultRegion: identity.region, stores: storesFor(store) })
  await app.ready()
  let isClosed = false

  return {
    handle: (req, res, body) => handleRequest(app, req, res, body),
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
    send: (queueArn, body, options = {}) => send(app, find(store, queueArn), body, options),
    counts: (queueArn) => find(store, queueArn).counts(),
    async close() {
      isClosed = true
      store.shutdown()
      await app.close()
      journal?.close()
    },
  }
}

type App = ReturnType<typeof buildApp>
type Stores = NonNullable<BuildAppOptions['stores']>

// fauxqs exports neither its store's class nor its shape; what its actions call is what QueueStore and Queue have,
// and the tests call every action. The SNS and S3 stores it makes itself.
function storesFor(store: QueueStore): Stores {
  return { sqsStore: store as unknown as Stores['sqsStore'] } as Stores
}

function find(store: QueueStore, queueArn: string): Queue {
  const queue = store.getQueueByArn(queueArn)
  if (queue) return queue
  const names = store.listQueues().map(({ name }) => name)
  throw new Error(`No queue ${queueArn}. There are: ${names.join(', ') || 'none'}`)
}

async function handleRequest(app: App, req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> {
  const hungUp = new AbortController()
  res.once('close', () => hungUp.abort())
  const headers: Record<string, string> = {}
  for (const name of ['content-type', 'x-amz-target', 'authorization']) {
    const value = req.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  const answer = await ask(app, headers, body, hungUp.signal)
  if (!hungUp.signal.aborted) res.writeHead(answer.statusCode, answer.headers).end(answer.rawPayload)
}

function ask(app: App, headers: Record<string, string>, body: Buffer, signal: AbortSignal) {
  // inject() starts only when it is awaited, which must happen inside run().
  const inject = async () => await app.inject({ method: 'POST', url: '/', headers, payload: body })
  return wireRequest.run(describeRequest(body, signal), inject)
}

async function send(app: App, queue: Queue, body: string, options: SendOptions): Promise<{ messageId: string }> {
  const { delaySeconds: DelaySeconds, messageGroupId: MessageGroupId } = options
  const { messageDeduplicationId: MessageDeduplicationId } = options
  const request = { QueueUrl: queue.url, MessageBody: body, DelaySeconds, MessageGroupId, MessageDeduplicationId }
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' }
  const answer = await ask(app, headers, Buffer.from(JSON.stringify(request)), new AbortController().signal)
  const { MessageId, message } = answer.json()
  if (answer.statusCode !== 200) throw new Error(`Cannot send to ${queue.arn}: ${message}`)
  return { messageId: MessageId }
}
