import type { JobError } from '../job/job.ts'
import type { JobTable } from './write.ts'
import { changeRow, ttlAt } from './write.ts'

/** Ends the job that can never be put into its queue. False when it is waiting no longer. */
export function setAside(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :pending',
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'dueShard, dueAt, openOwner, runAt',
    values: { ':pending': 'PENDING', ':failed': 'FAILED', ':error': error, ':ttl': ttlAt(jobs, now) },
  })
}
