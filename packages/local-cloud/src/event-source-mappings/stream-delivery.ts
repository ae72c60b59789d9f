import type { DynamoDBRecord } from 'aws-lambda'
import { sleep } from '../clock.ts'
import type { InvokeResult } from '../lambda/lambda.ts'
import { failedItems } from './batch-response.ts'
import { failureMessage, type GivenUp } from './failure-message.ts'
import type { MappingServices } from './mapping.ts'
import type { MappingSettings } from './mapping-settings.ts'

const firstBackoffMs = 100
const longestBackoffMs = 60_000

interface Batch {
  records: DynamoDBRecord[]
  /** How often it was tried again after an error; a split is none. */
  retries: number
  invokeCount: number
}

/** Delivers batches of a stream to its function: tries again, splits and gives up as the mapping says. */
export class StreamDelivery {
  readonly #settings: MappingSettings
  readonly #services: MappingServices
  readonly #shardId: string
  readonly #signal: AbortSignal

  constructor(settings: MappingSettings, services: MappingServices, shardId: string, signal: AbortSignal) {
    this.#settings = settings
    this.#services = services
    this.#shardId = shardId
    this.#signal = signal
  }

  /** Settles when every record is processed or given up. */
  async deliver(records: DynamoDBRecord[]): Promise<void> {
    const batches: Batch[] = [{ records, retries: 0, invokeCount: 0 }]
    for (let batch = batches.shift(); batch && !this.#signal.aborted; batch = batches.shift()) {
      const rest = await this.#attempt(batch)
      if (rest.length === 0) continue
      batches.unshift(...rest)
      await this.#backOff(rest[0]?.retries ?? 0)
    }
  }

  /** Invokes the function once; returns what has to be delivered again, in order. */
  async #attempt(batch: Batch): Promise<Batch[]> {
    await this.#dropTooOld(batch)
    if (batch.records.length === 0) return []
    const result = await this.#invoke(batch.records)
    batch.invokeCount++
    const ids = batch.records.map(sequenceNumber)
    const failed = result ? failedItems(result, ids, this.#settings.reportsItems) : new Set(ids)
    // Lambda goes on from the lowest failed record, with all that come after it, also those that succeeded.
    const lowest = ids.findIndex((id) => failed.has(id))
    if (lowest < 0) return []
    this.#logFailure(batch.records.length - lowest, result)
    return this.#again({ ...batch, records: batch.records.slice(lowest) }, lowest > 0, result)
  }

  async #again(batch: Batch, isSplit: boolean, result: InvokeResult | undefined): Promise<Batch[]> {
    const { records, retries } = batch
    if (this.#settings.bisects && records.length > 1) {
      if (isSplit) return [batch]
      const middle = Math.ceil(records.length / 2)
      return [
        { ...batch, records: records.slice(0, middle) },
        { ...batch, records: records.slice(middle) },
      ]
    }
    if (retries < this.#settings.maximumRetryAttempts) return [{ ...batch, retries: retries + 1 }]
    const { invokeCount } = batch
    await this.#giveUp({ condition: 'RetryAttemptsExhausted', records, result, invokeCount })
    return []
  }

  async #dropTooOld(batch: Batch): Promise<void> {
    const oldest = this.#services.clock.now() - this.#settings.maximumRecordAgeMs
    const young = batch.records.findIndex(
      ({ dynamodb }) => (dynamodb?.ApproximateCreationDateTime ?? 0) * 1000 > oldest,
    )
    if (young === 0) return
    const kept = young < 0 ? [] : batch.records.slice(young)
    const records = batch.records.slice(0, batch.records.length - kept.length)
    batch.records = kept
    await this.#giveUp({ condition: 'RecordAgeExceeded', records, result: undefined, invokeCount: batch.invokeCount })
  }

  async #invoke(records: DynamoDBRecord[]): Promise<InvokeResult | undefined> {
    try {
      return await this.#services.lambda.invoke(this.#settings.functionName, { Records: records })
    } catch (error) {
      this.#log(`cannot invoke: ${error}`)
      return undefined
    }
  }

  async #giveUp(givenUp: GivenUp): Promise<void> {
    const { failureQueueArn, functionName, sourceArn } = this.#settings
    this.#log(`gave up ${givenUp.records.length} records: ${givenUp.condition}`)
    if (!failureQueueArn) return
    const functionArn = functionName.startsWith('arn:') ? functionName : functionArnBeside(sourceArn, functionName)
    const now = this.#services.clock.now()
    const message = failureMessage(givenUp, { functionArn, shardId: this.#shardId, streamArn: sourceArn, now })
    try {
      await this.#services.sqs.send(failureQueueArn, message)
    } catch (error) {
      this.#log(`lost the message about them: ${error}`)
    }
  }

  async #backOff(retries: number): Promise<void> {
    const wait = Math.min(firstBackoffMs * 2 ** Math.max(0, retries - 1), longestBackoffMs)
    // Only stopping ends the wait early, and the loop sees that for itself.
    await sleep(this.#services.clock, wait, this.#signal).catch(() => {})
  }

  #logFailure(count: number, result: InvokeResult | undefined): void {
    if (!result) return
    const reason = result.functionError ? JSON.stringify(result.payload) : 'reported by the function'
    this.#log(`${count} records to be delivered again: ${reason}`)
  }

  #log(line: string): void {
    this.#services.log(`${this.#settings.sourceArn} → ${this.#settings.functionName}: ${line}`)
  }
}

const sequenceNumber = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? ''

function functionArnBeside(sourceArn: string, functionName: string): string {
  const [, partition, , region, accountId] = sourceArn.split(':')
  return `arn:${partition}:lambda:${region}:${accountId}:function:${functionName}`
}
