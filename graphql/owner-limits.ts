import { type Context, type DynamoDBQueryRequest, runtime, util } from '@aws-appsync/utils'
import { type Caller, callerOf } from './access.ts'
import { isoTime, type JobItem } from './job-item.ts'

/** What one owner may have, as the stack says in OWNER_LIMITS; null is no limit. Admins have none. */
export interface OwnerLimits {
  openJobs: number | null
  jobsPerMinute: number | null
  /** The groups whose users may ask for HIGH; null is everybody. */
  highPriority: string[] | null
}

/** Why a job is not taken now: what came, what may come, and when to come back. */
export interface Refusal {
  errorType: 'BadRequest' | 'LimitExceeded' | 'Throttled'
  message: string
}

const MINUTE_MS = 60_000

function ownerLimits(ctx: Context): OwnerLimits {
  return JSON.parse(ctx.env.OWNER_LIMITS as string)
}

/** Ends the request when the caller asks for HIGH and may not. */
export function checkPriority(ctx: Context, { seesAll, groups }: Caller, priority: string | null | undefined): void {
  const { highPriority } = ownerLimits(ctx)
  if (priority !== 'HIGH' || seesAll || highPriority === null) return
  if (highPriority.some((group) => groups.indexOf(group) >= 0)) return
  const whose = highPriority.length === 0 ? 'admins' : `admins and the groups ${highPriority.join(', ')}`
  util.error(`priority HIGH is for ${whose}, and you are in none of them: ask for NORMAL or LOW`, 'Unauthorized')
}

/** The keys of the caller's jobs that wait or run, no more of them than it may have. */
export function queryOpen(ctx: Context): DynamoDBQueryRequest {
  return queryOwn(ctx, ownerLimits(ctx).openJobs, { index: 'byOpenOwner', owner: 'openOwner' })
}

/** The keys of the caller's jobs of the last minute, newest first, no more of them than it may have. */
export function queryRecent(ctx: Context): DynamoDBQueryRequest {
  const since = isoTime(util.time.nowEpochMilliSeconds() - MINUTE_MS)
  return queryOwn(ctx, ownerLimits(ctx).jobsPerMinute, { index: 'byOwner', owner: 'owner', since })
}

// A few keys are counted each time: a counter would drift, and the index lags by some milliseconds only.
function queryOwn(
  ctx: Context,
  limit: number | null,
  { index, owner, since }: { index: string; owner: string; since?: string },
): DynamoDBQueryRequest {
  const { sub, seesAll } = callerOf(ctx)
  if (seesAll || limit === null) runtime.earlyReturn()
  return {
    operation: 'Query',
    index,
    query: {
      expression: since === undefined ? '#owner = :owner' : '#owner = :owner AND #createdAt > :since',
      expressionNames: since === undefined ? { '#owner': owner } : { '#owner': owner, '#createdAt': 'createdAt' },
      expressionValues: util.dynamodb.toMapValues({
        ':owner': sub,
        ...(since === undefined ? {} : { ':since': since }),
      }),
    },
    scanIndexForward: false,
    limit: limit as number,
  }
}

export function refusalOfOpen(ctx: Context, items: JobItem[]): Refusal | undefined {
  const { openJobs } = ownerLimits(ctx)
  if (openJobs === null || items.length < openJobs) return undefined
  return {
    errorType: 'LimitExceeded',
    message: `an owner may have ${openJobs} jobs that wait or run, and you have them: come back when one has ended, or cancel one`,
  }
}

export function refusalOfRecent(ctx: Context, items: JobItem[]): Refusal | undefined {
  const { jobsPerMinute } = ownerLimits(ctx)
  if (jobsPerMinute === null || items.length < jobsPerMinute) return undefined
  const { createdAt } = items[jobsPerMinute - 1] as JobItem
  return {
    errorType: 'Throttled',
    message: `an owner may submit ${jobsPerMinute} jobs a minute, and you have: come back a minute after ${createdAt}`,
  }
}
