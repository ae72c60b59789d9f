import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { isoTime } from '../engine/clock.ts'
import type { Publisher, RowChanged } from '../engine/push/publish.ts'
import { publishChanges } from '../engine/push/publish.ts'
import { resumeAt, rowOf } from './stream-records.ts'

/** Pushes each change of the table that a batch tells of. */
export function publishRecords(publisher: Publisher) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    return resumeAt(Records, await publishChanges(Records.map(changeOf), publisher))
  }
}

function changeOf({ eventName, dynamodb }: DynamoDBRecord): RowChanged {
  const isGone = eventName === 'REMOVE'
  return {
    id: dynamodb?.Keys?.id?.S,
    row: rowOf(isGone ? dynamodb?.OldImage : dynamodb?.NewImage),
    isGone,
    at: isoTime((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000),
  }
}
