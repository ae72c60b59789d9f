import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda'

/** A row as a record has it; {} when it has none. */
export function rowOf(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Record<string, unknown> {
  return unmarshall((image ?? {}) as Record<string, AttributeValue>, { wrapNumbers: Number })
}

/** Lambda resumes the shard from this record, so those behind it come once more; with none, from after the batch. */
export function resumeAt(records: DynamoDBRecord[], place: number | undefined): DynamoDBBatchResponse {
  if (place === undefined) return { batchItemFailures: [] }
  return { batchItemFailures: [{ itemIdentifier: records[place]?.dynamodb?.SequenceNumber ?? '' }] }
}
