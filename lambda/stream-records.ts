import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda'

/** A row as a record has it; {} when it has none. */
export function rowOf(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Record<string, unknown> {
  return unmarshall((image ?? {}) as Record<string, AttributeValue>, { wrapNumbers: Number })
}

/** Handles records, and answers with the places of those that must come again. */
type HandleRecords = (records: DynamoDBRecord[]) => Promise<number[]>

// More than a few batches wait to come again only when many shards fail at once.
const MOST_REMEMBERED = 10_000

/**
 * Lambda resumes a shard at the first record that failed, so those behind it come once more, whether they were taken or not.
 * What was taken is remembered for as long as this environment lives, and is not handled twice.
 */
export function createResume() {
  const taken = new Set<string>()
  return async (records: DynamoDBRecord[], handle: HandleRecords): Promise<DynamoDBBatchResponse> => {
    const fresh = records.filter((record) => !taken.has(sequenceOf(record)))
    const failed = new Set((await handle(fresh)).map((place) => sequenceOf(fresh[place])))
    const first = records.findIndex((record) => failed.has(sequenceOf(record)))
    for (const [place, record] of records.entries()) {
      const comesAgain = first >= 0 && place > first && !failed.has(sequenceOf(record))
      if (comesAgain) taken.add(sequenceOf(record))
      else taken.delete(sequenceOf(record))
    }
    for (const oldest of taken) {
      if (taken.size <= MOST_REMEMBERED) break
      taken.delete(oldest)
    }
    return { batchItemFailures: first < 0 ? [] : [{ itemIdentifier: sequenceOf(records[first]) }] }
  }
}

function sequenceOf(record: DynamoDBRecord | undefined): string {
  return record?.dynamodb?.SequenceNumber ?? ''
}
