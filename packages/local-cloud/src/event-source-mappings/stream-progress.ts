import type { DynamoDBRecord } from 'aws-lambda'

/** How far a stream is processed: lanes finish out of order, and the place to go on from is behind the first gap. */
export class StreamProgress {
  readonly #save: (sequenceNumber: string) => void
  /** What was read and is not finished, in order, each with the number of the record before it. */
  readonly #open = new Map<string, string | undefined>()
  #lastRead: string | undefined
  #saved: string | undefined

  constructor(save: (sequenceNumber: string) => void) {
    this.#save = save
  }

  /** The record was read; one that the function does not want is finished with that. */
  read(record: DynamoDBRecord, isWanted: boolean): void {
    const sequenceNumber = numberOf(record)
    if (isWanted) this.#open.set(sequenceNumber, this.#lastRead)
    this.#lastRead = sequenceNumber
  }

  /** The records were processed or given up. */
  finish(records: DynamoDBRecord[]): void {
    for (const record of records) this.#open.delete(numberOf(record))
    this.save()
  }

  save(): void {
    const oldest = this.#open.values().next()
    const place = oldest.done ? this.#lastRead : oldest.value
    if (place === undefined || place === this.#saved) return
    this.#saved = place
    this.#save(place)
  }
}

const numberOf = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? ''
