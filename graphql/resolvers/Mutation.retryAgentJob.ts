import { type Context, type DynamoDBUpdateItemRequest, util } from '@aws-appsync/utils'
import { callerOf, mayChange } from '../access.ts'
import { changedJob, DUE_SHARDS, isoTime, type JobItem, UNCLAIMED_MS } from '../job-item.ts'

/**
 * Puts an ended job back to its start; the stream has it run. `claims` goes on, so that new events have new numbers.
 * `ttl` goes as well, else the row could vanish while it runs: the next end sets it anew. So does `deadline`, which was
 * for the first start: an expired job would only expire again.
 */
export function request(ctx: Context<{ id: string }>): DynamoDBUpdateItemRequest {
  const now = util.time.nowEpochMilliSeconds()
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ id: ctx.args.id }),
    update: {
      expression:
        'SET #status = :pending, #attempt = :zero, #dueShard = :shard, #dueAt = :due, #updatedAt = :now, ' +
        '#version = if_not_exists(#version, :one) + :one ' +
        'REMOVE #error, #ttl, progress, progressMessage, partialResult, runAt, deadline, startedAt, ' +
        'completedAt, claimToken, leaseExpiresAt, checkpointSeq, elapsedMs, throttledSince, resultKey, resultPreview',
      expressionNames: {
        '#status': 'status',
        '#attempt': 'attempt',
        '#dueShard': 'dueShard',
        '#dueAt': 'dueAt',
        '#updatedAt': 'updatedAt',
        '#version': 'version',
        '#error': 'error',
        '#ttl': 'ttl',
      },
      expressionValues: util.dynamodb.toMapValues({
        ':pending': 'PENDING',
        ':zero': 0,
        ':shard': Math.floor(Math.random() * DUE_SHARDS),
        ':due': now + UNCLAIMED_MS,
        ':now': isoTime(now),
        ':one': 1,
      }),
    },
    condition: mayChange(callerOf(ctx), 'FAILED', 'CANCELLED'),
  }
}

export function response(ctx: Context<{ id: string }>): JobItem {
  return changedJob(ctx, 'run again', 'FAILED or CANCELLED')
}
