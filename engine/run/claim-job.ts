import type { Clock } from '../../sdk/clock.ts'
import type { ClaimedJob } from '../job/job.ts'
import { isExpired } from '../job/job.ts'
import { expired } from '../job/job-errors.ts'
import { claim } from '../store/claim.ts'
import { expire } from '../store/expire.ts'
import type { SessionTable } from '../store/sessions.ts'
import { readTurns } from '../store/sessions.ts'
import type { JobTable, Lease } from '../store/write.ts'

export interface Claimer {
  jobs: JobTable
  sessionTable: SessionTable
  settings: { leaseSeconds: number }
  clock: Clock
}

/** Takes the job, or ends it when its deadline is past. A turn is taken only while it is the next of its session. */
export async function claimJob(
  claimer: Claimer,
  lease: Lease,
  sessionKey: string | undefined,
  maxAttempts: number,
): Promise<ClaimedJob | undefined> {
  const { jobs, sessionTable, settings, clock } = claimer
  if (sessionKey !== undefined && (await readTurns(sessionTable, sessionKey))[0] !== lease.id) return undefined
  const now = clock.now()
  const terms = { leaseMs: settings.leaseSeconds * 1000, maxAttempts, sessionKey }
  const claimed = await claim(jobs, lease, terms, now)
  if (claimed.job) return claimed.job
  const { standing } = claimed
  if (!standing) return undefined
  if (isExpired(standing, now)) await expire(jobs, lease.id, expired(standing), now)
  // A message that somebody sent by hand does not say whose turn it is; the row does.
  else if (standing.status === 'PENDING' && standing.sessionKey !== sessionKey)
    return claimJob(claimer, lease, standing.sessionKey, maxAttempts)
  return undefined
}
