import type { JobError } from '../job/job.ts'
import type { JobTable } from './write.ts'
import { changeRow, ttlAt } from './write.ts'

/** Ends the job that nobody started in time. False when somebody did after all, or was faster. */
export function expire(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: `#status = :pending AND deadline <= :now AND attribute_not_exists(startedAt)
      AND (attribute_not_exists(attempt) OR attempt = :zero)`,
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'dueShard, dueAt, openOwner, runAt',
    values: { ':pending': 'PENDING', ':failed': 'FAILED', ':error': error, ':ttl': ttlAt(jobs, now), ':zero': 0 },
  })
}
