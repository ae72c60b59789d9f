import { randomUUID } from 'node:crypto'
import { isoTime } from '../clock.ts'
import { dueShard } from '../job/due.ts'
import type { ClaimedJob, Job } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import type { JobTable, Lease } from './write.ts'
import { changeAndReadRow } from './write.ts'

export interface ClaimTerms {
  leaseMs: number
  maxAttempts: number
  /** Of which session it is the next turn; a turn is taken under this key alone. */
  sessionKey?: string
}

// A job that is due by its dispatcher's clock must not be refused by a worker whose clock is a little slow.
const CLOCK_SKEW_MS = 1_000

/** The job, or the row as it stands (if it does) when it is not ours to take. */
export type Claim = { job: ClaimedJob } | { job?: undefined; standing?: Job }

/**
 * Takes the job for `token`, unless another worker has it, its time has not come or has passed, or it is over. A lease that
 * ran out is the sweep's to take: it asks twice, as a worker that slept is no lost one.
 */
export async function claim(
  jobs: JobTable,
  { id, token }: Lease,
  { leaseMs, maxAttempts, sessionKey }: ClaimTerms,
  now: number,
): Promise<Claim> {
  const taken = await changeAndReadRow(jobs, id, now, {
    if: `(NOT attribute_type(sessionKey, :text) OR sessionKey = :session)
        AND #status = :pending AND (attribute_not_exists(runAt) OR runAt <= :soon)
        AND (attribute_not_exists(deadline) OR deadline > :now OR attribute_exists(startedAt) OR attempt > :zero)`,
    set: `#status = :processing, uid = if_not_exists(uid, :uid), claimToken = :token, leaseExpiresAt = :lease, dueAt = :lease,
      dueShard = if_not_exists(dueShard, :shard), attempt = if_not_exists(attempt, :zero) + :one,
      allAttempts = if_not_exists(allAttempts, :zero) + :one,
      claims = if_not_exists(claims, :zero) + :one, maxAttempts = if_not_exists(maxAttempts, :maxAttempts),
      createdAt = if_not_exists(createdAt, :now), startedAt = if_not_exists(startedAt, :now)`,
    remove: '#error, runAt, touches, resultData, resultKey, resultPreview, completedAt',
    values: {
      ':pending': 'PENDING',
      ':processing': 'PROCESSING',
      ':uid': randomUUID(),
      ':token': token,
      ':lease': now + leaseMs,
      ':soon': isoTime(now + CLOCK_SKEW_MS),
      ':shard': dueShard(id),
      ':maxAttempts': maxAttempts,
      ':zero': 0,
      ':text': 'S',
      ':session': sessionKey ?? '',
    },
  })
  if (taken.row) return { job: readJob(taken.row, isoTime(now)) as ClaimedJob }
  if (!taken.standing) return {}
  const standing = readJob(taken.standing, isoTime(now))
  // The SDK repeats a write whose answer was lost; then it is our own claim that stands in the way.
  const isOurs = standing.status === 'PROCESSING' && standing.claimToken === token
  return isOurs ? { job: standing } : { standing }
}
