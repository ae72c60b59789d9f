import { type Context, type DynamoDBUpdateItemRequest, util } from '@aws-appsync/utils'
import { callerOf, mayChange } from '../access.ts'
import { changedJob, isoTime, type JobItem } from '../job-item.ts'

/** Ends the job by one write. A worker that has it loses its token, so that its next write fails and it stops. */
export function request(ctx: Context<{ id: string }>): DynamoDBUpdateItemRequest {
  const now = util.time.nowEpochMilliSeconds()
  // AppSync's JavaScript has no Number().
  const ttl = util.time.nowEpochSeconds() + JSON.parse(ctx.env.RESULT_TTL_SECONDS as string)
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ id: ctx.args.id }),
    update: {
      expression:
        'SET #status = :cancelled, #completedAt = :now, #updatedAt = :now, #ttl = if_not_exists(#ttl, :ttl), ' +
        '#version = if_not_exists(#version, :one) + :one ' +
        'REMOVE claimToken, leaseExpiresAt, dueShard, dueAt',
      expressionNames: {
        '#status': 'status',
        '#completedAt': 'completedAt',
        '#updatedAt': 'updatedAt',
        '#ttl': 'ttl',
        '#version': 'version',
      },
      expressionValues: util.dynamodb.toMapValues({
        ':cancelled': 'CANCELLED',
        ':now': isoTime(now),
        ':ttl': ttl,
        ':one': 1,
      }),
    },
    condition: mayChange(callerOf(ctx), 'PENDING', 'PROCESSING'),
  }
}

export function response(ctx: Context<{ id: string }>): JobItem {
  return changedJob(ctx, 'cancelled', 'PENDING or PROCESSING')
}
