import type { DynamoDBRecord } from 'aws-lambda'
import { type Clock, sleep } from '../clock.ts'
import { deferred } from '../deferred.ts'
import { type DeliveryFaults, OVERTAKE_MS, reordered } from '../faults/delivery-faults.ts'
import type { MappingSettings } from './mapping-settings.ts'
import type { StreamDelivery } from './stream-delivery.ts'
import type { StreamProgress } from './stream-progress.ts'

/** Lambda's limit for the event of a synchronous invocation. */
const batchBytes = 6 * 1024 * 1024

export interface LaneOptions {
  settings: MappingSettings
  clock: Clock
  delivery: StreamDelivery
  progress: StreamProgress
  faults?: DeliveryFaults
  signal: AbortSignal
}

/** One sequence of batches: the next one waits until the last is delivered or given up. */
export class StreamLane {
  readonly #options: LaneOptions
  #waiting: DynamoDBRecord[] = []
  #isRunning = false
  #hasFilled = () => {}
  #hasRoom = deferred()

  constructor(options: LaneOptions) {
    this.#options = options
  }

  add(record: DynamoDBRecord): void {
    this.#waiting.push(record)
    if (this.#waiting.length >= this.#options.settings.batchSize) this.#hasFilled()
    if (!this.#isRunning) void this.#run()
  }

  /** Resolves when less than a whole batch waits. */
  async hasRoom(): Promise<void> {
    while (this.#waiting.length >= this.#options.settings.batchSize && !this.#options.signal.aborted)
      await this.#hasRoom.promise
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
    while (this.#waiting.length > 0 && !this.#options.signal.aborted) {
      await this.#windowOrFull()
      if (this.#options.signal.aborted) break
      const batch = this.#takeBatch()
      this.#hasRoom.resolve()
      this.#hasRoom = deferred()
      await this.#deliver(batch)
      if (!this.#options.signal.aborted) this.#options.progress.finish(batch)
    }
    this.#isRunning = false
    this.#hasRoom.resolve()
  }

  async #deliver(batch: DynamoDBRecord[]): Promise<void> {
    const { delivery, faults, settings } = this.#options
    const fault = faults?.next(settings.name)
    if (fault?.kind === 'delay') await this.#wait(fault.ms)
    if (fault?.kind === 'reorder') {
      await this.#wait(OVERTAKE_MS)
      batch.push(...this.#takeBatch())
    }
    await delivery.deliver(fault?.kind === 'reorder' ? reordered(batch) : batch)
    if (fault?.kind !== 'duplicate') return
    await this.#wait(fault.afterMs)
    await delivery.deliver(batch)
  }

  // Only stopping ends it early, and the loop sees that for itself.
  async #wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(this.#options.clock, ms, this.#options.signal).catch(() => {})
  }

  async #windowOrFull(): Promise<void> {
    const { batchSize, windowMs } = this.#options.settings
    if (windowMs === 0 || this.#waiting.length >= batchSize) return
    const { promise, resolve } = deferred()
    const cancel = this.#options.clock.after(windowMs, resolve)
    this.#hasFilled = resolve
    await promise
    cancel()
  }

  #takeBatch(): DynamoDBRecord[] {
    let bytes = 0
    let count = 0
    for (const { dynamodb } of this.#waiting) {
      bytes += dynamodb?.SizeBytes ?? 0
      if (count === this.#options.settings.batchSize || (count > 0 && bytes > batchBytes)) break
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
