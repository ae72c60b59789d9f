import { type Context, type DynamoDBUpdateItemRequest, util } from '@aws-appsync/utils'
import { changedJob, changeJob } from '../change-job.ts'
import { isoTime, type JobItem } from '../job-item.ts'

/** Ends the job by one write. A worker that has it loses its token, so that its next write fails and it stops. */
export function request(ctx: Context<{ id: string }>): DynamoDBUpdateItemRequest {
  // AppSync's JavaScript has no Number().
  const ttl = util.time.nowEpochSeconds() + JSON.parse(ctx.env.RESULT_TTL_SECONDS as string)
  return changeJob(ctx, {
    from: ['PENDING', 'PROCESSING'],
    set: { status: 'CANCELLED', completedAt: isoTime(util.time.nowEpochMilliSeconds()) },
    setIfNone: { ttl },
    remove: ['claimToken', 'leaseExpiresAt', 'dueShard', 'dueAt', 'openOwner'],
  })
}

export function response(ctx: Context<{ id: string }>): JobItem {
  return changedJob(ctx, 'cancelled', 'PENDING or PROCESSING')
}
