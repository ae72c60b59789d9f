import type { DynamoDBRecord } from 'aws-lambda'
import type { Clock } from '../clock.ts'
import type { MappingSettings } from './mapping-settings.ts'
import type { StreamDelivery } from './stream-delivery.ts'

/** Lambda's limit for the event of a synchronous invocation. */
const batchBytes = 6 * 1024 * 1024

/** One sequence of batches: the next one waits until the last is delivered or given up. */
export class StreamLane {
  readonly #settings: MappingSettings
  readonly #clock: Clock
  readonly #delivery: StreamDelivery
  readonly #signal: AbortSignal
  #waiting: DynamoDBRecord[] = []
  #isRunning = false
  #hasFilled = () => {}
  #hasRoom = Promise.withResolvers<void>()

  constructor(settings: MappingSettings, clock: Clock, delivery: StreamDelivery, signal: AbortSignal) {
    this.#settings = settings
    this.#clock = clock
    this.#delivery = delivery
    this.#signal = signal
  }

  add(record: DynamoDBRecord): void {
    this.#waiting.push(record)
    if (this.#waiting.length >= this.#settings.batchSize) this.#hasFilled()
    if (!this.#isRunning) void this.#run()
  }

  /** Resolves when less than a whole batch waits. */
  async hasRoom(): Promise<void> {
    while (this.#waiting.length >= this.#settings.batchSize && !this.#signal.aborted) await this.#hasRoom.promise
  }

  /** Ends what waits here after the signal was aborted. */
  wake(): void {
    this.#hasFilled()
    this.#hasRoom.resolve()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    // The reader adds all records that it has at once; they make one batch.
    await null
    while (this.#waiting.length > 0 && !this.#signal.aborted) {
      await this.#windowOrFull()
      if (this.#signal.aborted) break
      const batch = this.#takeBatch()
      this.#hasRoom.resolve()
      this.#hasRoom = Promise.withResolvers()
      await this.#delivery.deliver(batch)
    }
    this.#isRunning = false
    this.#hasRoom.resolve()
  }

  async #windowOrFull(): Promise<void> {
    const { batchSize, windowMs } = this.#settings
    if (windowMs === 0 || this.#waiting.length >= batchSize) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(windowMs, resolve)
    this.#hasFilled = resolve
    await promise
    cancel()
  }

  #takeBatch(): DynamoDBRecord[] {
    let bytes = 0
    let count = 0
    for (const { dynamodb } of this.#waiting) {
      bytes += dynamodb?.SizeBytes ?? 0
      if (count === this.#settings.batchSize || (count > 0 && bytes > batchBytes)) break
      count++
    }
    if (count === this.#waiting.length) {
      const batch = this.#waiting
      this.#waiting = []
      return batch
    }
    return this.#waiting.splice(0, count)
  }
}
