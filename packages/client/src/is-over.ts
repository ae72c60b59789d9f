import type { JobStatus } from './schema.ts'

/** The states that a job does not leave by itself; retryAgentJob sets a FAILED or CANCELLED one going again. */
export const endStatuses = ['COMPLETE', 'FAILED', 'CANCELLED'] as const satisfies JobStatus[]

/** Whether the job has ended, one way or another. */
export function isOver({ status }: { status: JobStatus }): boolean {
  return endStatuses.some((end) => end === status)
}
