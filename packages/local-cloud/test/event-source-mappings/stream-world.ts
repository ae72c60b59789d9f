import type { DynamoDBRecord } from 'aws-lambda'
import { onTestFinished } from 'vitest'
import type { StartingPosition, StreamCursor } from '../../src/dynamodb/stream-cursor.ts'
import type { Checkpoints } from '../../src/event-source-mappings/checkpoints.ts'
import { startEventSourceMapping } from '../../src/event-source-mappings/event-source-mappings.ts'
import type { MappingServices } from '../../src/event-source-mappings/mapping.ts'
import type { InvokeResult } from '../../src/lambda/lambda.ts'
import { WatchedClock } from '../watched-clock.ts'

export const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders/stream/2030-01-01T00:00:00.000'

/** A stream that a test writes to. */
class Stream implements StreamCursor {
  readonly shardId = 'shardId-00000001'
  readonly opened = Promise.resolve()
  #records: DynamoDBRecord[] = []
  #arrival = Promise.withResolvers<void>()
  #isClosed = false

  write(...records: DynamoDBRecord[]): void {
    this.#records.push(...records)
    this.#wake()
  }

  async next(limit: number): Promise<DynamoDBRecord[]> {
    while (this.#records.length === 0 && !this.#isClosed) await this.#arrival.promise
    return this.#isClosed ? [] : this.#records.splice(0, limit)
  }

  close(): void {
    this.#isClosed = true
    this.#wake()
  }

  #wake(): void {
    this.#arrival.resolve()
    this.#arrival = Promise.withResolvers()
  }
}

/** What the function under test does with a batch, by the sequence numbers in it; a throw is its failure. */
export type Behaviour = (numbers: string[], records: DynamoDBRecord[]) => unknown

/** A stream, a function that records its batches, and the mapping between them. */
export function startStream(properties: object = {}, behave: Behaviour = () => null, checkpoints?: Checkpoints) {
  const clock = new WatchedClock()
  const stream = new Stream()
  const batches: string[][] = []
  const starts: StartingPosition[] = []
  const sent: { queueArn: string; message: Record<string, unknown> }[] = []
  const changed = new Set<() => void>()
  const notify = () => {
    for (const check of changed) check()
  }
  const invoke = async (_name: string, event: unknown): Promise<InvokeResult> => {
    const records = (event as { Records: DynamoDBRecord[] }).Records
    const numbers = records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '')
    batches.push(numbers)
    notify()
    const answer = { statusCode: 200, requestId: 'request', logs: [] }
    try {
      return { ...answer, payload: (await behave(numbers, records)) ?? null }
    } catch (error) {
      return { ...answer, functionError: 'Unhandled', payload: { errorMessage: String(error) } }
    }
  }
  const services: MappingServices = {
    clock,
    lambda: { invoke },
    dynamodb: {
      openStream(_arn, start) {
        starts.push(start)
        return stream
      },
    },
    sqs: {
      receive: async () => [],
      release() {},
      deleteMessages() {},
      async send(queueArn, body) {
        sent.push({ queueArn, message: JSON.parse(body) })
        notify()
        return { messageId: '1' }
      },
    },
    log() {},
    checkpoints,
  }
  const whole = { EventSourceArn: streamArn, FunctionName: 'publish', StartingPosition: 'LATEST', ...properties }
  const mapping = startEventSourceMapping(whole, services)
  onTestFinished(() => mapping.stop())
  /** Resolves when `holds` does; it is asked after each batch and each message. */
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!holds()) return
        changed.delete(check)
        resolve()
      }
      changed.add(check)
      check()
    })
  /** Moves the clock over a backoff as soon as the mapping waits for it. */
  const passBackoff = async (ms: number) => {
    await clock.untilTimer(ms)
    await clock.advance(ms)
  }
  return { clock, stream, starts, batches, sent, mapping, until, passBackoff }
}

/** A record of the item `key`, as it stands in a Lambda event. */
export function change(number: number, image: Record<string, unknown> = {}, key = 'a'): DynamoDBRecord {
  return {
    eventID: String(number),
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: { id: { S: key } },
      NewImage: image as never,
      SequenceNumber: String(number),
      SizeBytes: 100,
    },
  }
}

export const failing = (...numbers: number[]) => ({
  batchItemFailures: numbers.map((number) => ({ itemIdentifier: String(number) })),
})
