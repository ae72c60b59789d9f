import { type Context, type DynamoDBUpdateItemRequest, util } from '@aws-appsync/utils'
import { dueAtForStart, dueShard } from '../../engine/job/due.ts'
import { callerOf } from '../access.ts'
import { changedJob, changeJob } from '../change-job.ts'
import type { JobItem } from '../job-item.ts'

/** What the run before, and its end, have left on the row. `claims` is not among it, so that new events have new numbers. */
const OF_THE_RUN_BEFORE = [
  'error',
  'progress',
  'progressMessage',
  'partialResult',
  'runAt',
  'startedAt',
  'completedAt',
  'claimToken',
  'leaseExpiresAt',
  'checkpointSeq',
  'elapsedMs',
  'allAttempts',
  'throttledSince',
  'touches',
  'resultKey',
  'resultPreview',
]

/**
 * Puts an ended job back to its start; the stream has it run. `ttl` goes as well, else the row could vanish while it runs:
 * the next end sets it anew. So does `deadline`, which was for the first start: an expired job would only expire again.
 */
export function request(ctx: Context<{ id: string }>): DynamoDBUpdateItemRequest {
  const now = util.time.nowEpochMilliSeconds()
  const { sub, seesAll } = callerOf(ctx)
  return changeJob(ctx, {
    from: ['FAILED', 'CANCELLED'],
    set: {
      status: 'PENDING',
      attempt: 0,
      dueShard: dueShard(ctx.args.id),
      dueAt: dueAtForStart(now, now),
      ...(seesAll ? {} : { openOwner: sub }),
    },
    setIfNone: {},
    remove: [...OF_THE_RUN_BEFORE, 'ttl', 'deadline'],
  })
}

export function response(ctx: Context<{ id: string }>): JobItem {
  return changedJob(ctx, 'run again', 'FAILED or CANCELLED')
}
