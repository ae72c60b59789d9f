import { randomUUID } from 'node:crypto'
import type { DynamoDBRecord } from 'aws-lambda'
import type { InvokeResult } from '../lambda/lambda.ts'

/** What is known about a batch of a stream that is given up. */
export interface GivenUp {
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  records: DynamoDBRecord[]
  /** Of the last invocation, if the batch got that far. */
  result: InvokeResult | undefined
  invokeCount: number
}

/** The message that Lambda sends to the OnFailure destination: where the records are, not the records. */
export function failureMessage(
  { condition, records, result, invokeCount }: GivenUp,
  { functionArn, shardId, streamArn, now }: { functionArn: string; shardId: string; streamArn: string; now: number },
): string {
  const first = records[0]?.dynamodb
  const last = records.at(-1)?.dynamodb
  const arrival = (seconds = 0) => new Date(seconds * 1000).toISOString()
  return JSON.stringify({
    requestContext: {
      requestId: result?.requestId ?? randomUUID(),
      functionArn,
      condition,
      approximateInvokeCount: invokeCount,
    },
    ...(result && {
      responseContext: {
        statusCode: result.statusCode,
        executedVersion: '$LATEST',
        functionError: result.functionError ?? null,
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn,
    },
  })
}
