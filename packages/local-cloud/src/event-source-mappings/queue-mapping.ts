import type { SQSRecord } from 'aws-lambda'
import { sleep } from '../clock.ts'
import { deferred } from '../deferred.ts'
import { OVERTAKE_MS } from '../faults/delivery-faults.ts'
import { failedItems } from './batch-response.ts'
import type { EventSourceMapping, MappingServices } from './mapping.ts'
import type { MappingSettings } from './mapping-settings.ts'

/** Invokes a function with the messages of a queue, up to its maximum concurrency at a time. */
export function startQueueMapping(settings: MappingSettings, services: MappingServices): EventSourceMapping {
  const mapping = new QueueMapping(settings, services)
  const ended = mapping.run()
  return {
    started: Promise.resolve(),
    async stop() {
      mapping.stop()
      await ended
    },
  }
}

class QueueMapping {
  readonly #settings: MappingSettings
  readonly #services: MappingServices
  readonly #stopping = new AbortController()
  #running = 0
  #slotFreed = () => {}
  #overtakenBy = () => {}

  constructor(settings: MappingSettings, services: MappingServices) {
    this.#settings = settings
    this.#services = services
  }

  async run(): Promise<void> {
    const { batchSize, sourceArn } = this.#settings
    while (!this.#stopping.signal.aborted) {
      const free = await this.#freeSlots()
      // A FIFO receive may hold several messages of one group: as one batch they stay in order.
      const batches = this.#settings.windowMs > 0 || sourceArn.endsWith('.fifo') ? 1 : free
      const records = await this.#collect(batchSize * batches)
      for (let start = 0; start < records.length; start += batchSize) {
        void this.#deliverOrFail(records.slice(start, start + batchSize))
      }
    }
  }

  stop(): void {
    this.#stopping.abort()
    this.#slotFreed()
  }

  /** Waits until another invocation may run, and tells how many may. */
  async #freeSlots(): Promise<number> {
    while (this.#running >= this.#settings.maximumConcurrency && !this.#stopping.signal.aborted) {
      const { promise, resolve } = deferred()
      this.#slotFreed = resolve
      await promise
    }
    return this.#settings.maximumConcurrency - this.#running
  }

  /** What is there, or with a batching window what comes until it has passed since the first message. */
  async #collect(max: number): Promise<SQSRecord[]> {
    const { signal } = this.#stopping
    const records = await this.#receive(max, signal)
    const { windowMs } = this.#settings
    if (windowMs === 0 || records.length === 0) return records
    const window = new AbortController()
    const cancel = this.#services.clock.after(windowMs, () => window.abort())
    const either = AbortSignal.any([signal, window.signal])
    while (records.length < max && !either.aborted) {
      records.push(...(await this.#receive(max - records.length, either)))
    }
    cancel()
    return records
  }

  /** Messages that the filter wants; Lambda deletes the others. */
  async #receive(max: number, signal: AbortSignal): Promise<SQSRecord[]> {
    const { matches, sourceArn } = this.#settings
    const received = await this.#services.sqs.receive(sourceArn, { max, signal })
    const wanted: SQSRecord[] = []
    const unwanted: string[] = []
    for (const record of received) {
      if (matches(withParsedBody(record))) wanted.push(record)
      else unwanted.push(record.receiptHandle)
    }
    this.#services.sqs.deleteMessages(sourceArn, unwanted)
    return wanted
  }

  /** Delivers a batch with what is ordered to go wrong with it, if anything is. */
  async #deliverOrFail(records: SQSRecord[]): Promise<void> {
    const fault = this.#services.faults?.next(this.#settings.name)
    if (fault?.kind === 'delay') await this.#wait(fault.ms)
    if (fault?.kind === 'reorder') await Promise.race([this.#overtaken(), this.#wait(OVERTAKE_MS)])
    if (this.#stopping.signal.aborted) return
    const copy = fault?.kind === 'duplicate' && this.#wait(fault.afterMs).then(() => this.#invoke(records))
    await this.#deliver(records)
    await copy
  }

  // Only stopping ends it early.
  async #wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(this.#services.clock, ms, this.#stopping.signal).catch(() => {})
  }

  #overtaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#overtakenBy = resolve
    })
  }

  async #deliver(records: SQSRecord[]): Promise<void> {
    this.#running++
    try {
      const failed = await this.#invoke(records)
      // The failed ones stay in flight, and show again when their visibility timeout is over.
      const done = records.filter(({ messageId }) => !failed.has(messageId))
      this.#services.sqs.deleteMessages(
        this.#settings.sourceArn,
        done.map(({ receiptHandle }) => receiptHandle),
      )
    } finally {
      this.#overtakenBy()
      this.#running--
      this.#slotFreed()
    }
  }

  async #invoke(records: SQSRecord[]): Promise<Set<string>> {
    const { functionName, reportsItems, sourceArn } = this.#settings
    const ids = records.map(({ messageId }) => messageId)
    try {
      const result = await this.#services.lambda.invoke(functionName, { Records: records })
      const failed = failedItems(result, ids, reportsItems)
      // Another may be to blame for it, so it must not wait for its visibility timeout, an hour and a half for a long function.
      if (result.isLost)
        this.#services.sqs.release(
          sourceArn,
          records.map(({ receiptHandle }) => receiptHandle),
          0,
        )
      if (failed.size > 0) {
        const reason = result.functionError ? JSON.stringify(result.payload) : 'reported by the function'
        this.#services.log(`${sourceArn} → ${functionName}: ${failed.size} of ${ids.length} messages failed: ${reason}`)
      }
      return failed
    } catch (error) {
      this.#services.log(`${sourceArn} → ${functionName}: cannot invoke: ${error}`)
      return new Set(ids)
    }
  }
}

/** A filter sees the body as an object when it is JSON text. */
function withParsedBody(record: SQSRecord): object {
  try {
    return { ...record, body: JSON.parse(record.body) }
  } catch {
    return record
  }
}
