import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { isoTime } from '../engine/clock.ts'
import type { Publisher, RowChanged } from '../engine/push/publish.ts'
import { publishChanges } from '../engine/push/publish.ts'
import { createResume, rowOf } from './stream-records.ts'

/** Pushes each change of the table that a batch tells of. */
export function publishRecords(publisher: Publisher) {
  const resume = createResume()
  return ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    resume(Records, (records) => publishChanges(records.map(changeOf), publisher))
}

function changeOf({ eventName, dynamodb }: DynamoDBRecord): RowChanged {
  const isGone = eventName === 'REMOVE'
  return {
    id: dynamodb?.Keys?.id?.S,
    row: rowOf(isGone ? dynamodb?.OldImage : dynamodb?.NewImage),
    before: eventName === 'MODIFY' && dynamodb?.OldImage ? rowOf(dynamodb.OldImage) : undefined,
    isGone,
    at: isoTime((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000),
  }
}
