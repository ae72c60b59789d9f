import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { isoTime } from '../clock.ts'
import type { ClaimedJob, Job } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import type { Hold, JobTable } from './leased.ts'

export interface ClaimTerms {
  leaseMs: number
  maxAttempts: number
}

// A job that is due by its dispatcher's clock must not be refused by a worker whose clock is a little slow.
const CLOCK_SKEW_MS = 1_000

/** The job, or the row as it stands (if it does) when it is not ours to take. */
export type Claim = { job: ClaimedJob } | { job?: undefined; standing?: Job }

/** Takes the job for `token`, unless another worker's lease still runs, its time has not come or has passed, or it is over. */
export async function claim(
  { documents, table }: JobTable,
  { id, token }: Hold,
  { leaseMs, maxAttempts }: ClaimTerms,
  now: number,
): Promise<Claim> {
  const statement = {
    TableName: table,
    Key: { id },
    ConditionExpression: `#status = :pending AND (attribute_not_exists(runAt) OR runAt <= :soon)
        AND (attribute_not_exists(deadline) OR deadline > :now OR attribute_exists(startedAt) OR attempt > :zero)
      OR #status = :processing AND leaseExpiresAt <= :nowMs AND attempt < maxAttempts`,
    UpdateExpression: `SET #status = :processing, claimToken = :token, leaseExpiresAt = :lease, dueAt = :lease,
        dueShard = if_not_exists(dueShard, :shard), attempt = if_not_exists(attempt, :zero) + :one,
        claims = if_not_exists(claims, :zero) + :one, maxAttempts = if_not_exists(maxAttempts, :maxAttempts),
        version = if_not_exists(version, :one) + :one, createdAt = if_not_exists(createdAt, :now),
        startedAt = if_not_exists(startedAt, :now), updatedAt = :now
      REMOVE #error, runAt, resultData, resultKey, resultPreview, completedAt`,
    ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
    ExpressionAttributeValues: {
      ':pending': 'PENDING',
      ':processing': 'PROCESSING',
      ':token': token,
      ':lease': now + leaseMs,
      ':nowMs': now,
      ':now': isoTime(now),
      ':soon': isoTime(now + CLOCK_SKEW_MS),
      ':shard': dueShard(id),
      ':maxAttempts': maxAttempts,
      ':zero': 0,
      ':one': 1,
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } satisfies UpdateCommandInput
  try {
    const { Attributes } = await documents.send(new UpdateCommand(statement))
    return { job: readJob(Attributes ?? {}, isoTime(now)) as ClaimedJob }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    if (!error.Item) return {}
    const standing = readJob(unmarshall(error.Item, { wrapNumbers: Number }), isoTime(now))
    // The SDK repeats a write whose answer was lost; then it is our own claim that stands in the way.
    const isOurs = standing.status === 'PROCESSING' && standing.claimToken === token
    return isOurs ? { job: standing } : { standing }
  }
}

export const DUE_SHARDS = 8

/** Spreads the sparse index over partitions, as all due times of a busy minute would fall into one. */
function dueShard(id: string): number {
  let sum = 0
  for (const letter of id) sum += letter.charCodeAt(0)
  return sum % DUE_SHARDS
}
