import type { Clock } from '../sdk/clock.ts'
import { PermanentFailure } from '../sdk/failures.ts'
import type { ClaimedJob } from './job/job.ts'
import { jobError } from './job/job-errors.ts'
import { fail, handOver } from './store/leased.ts'
import { readRow } from './store/overdue.ts'
import type { JobTable } from './store/write.ts'

/** A run whose thread or process has ended, as whoever hosted it knows for certain. */
export interface LostRun {
  jobId: string
  /** What ended it, in the host's words: it did not answer for 5 s. */
  reason: string
  code: 'AGENT_UNRESPONSIVE' | 'OUT_OF_MEMORY' | 'AGENT_EXITED' | 'AGENT_ERROR'
  /** Nothing else ran there, so it has ended itself. */
  alone: boolean
}

/**
 * Moves the job of a lost run at once, where the sweep would wait for its lease. A job that was not alone goes back in line
 * and has lost nothing, as another may be to blame; one that was alone would end the next worker too, so it fails.
 */
export async function endLostRun(
  jobs: JobTable,
  lost: LostRun,
  clock: Clock,
): Promise<'handOver' | 'fail' | undefined> {
  const now = clock.now()
  const job = await readRow(jobs, lost.jobId, now)
  if (job?.status !== 'PROCESSING') return undefined
  const lease = { id: job.id, token: job.claimToken }
  const move = lost.alone ? 'fail' : 'handOver'
  const moved = lost.alone
    ? await fail(jobs, lease, jobError(failureOf(job, lost)), {}, now)
    : await handOver(jobs, lease, job.elapsedMs ?? 0, {}, now)
  return moved ? move : undefined
}

const REMEDIATION: Record<LostRun['code'], string> = {
  AGENT_UNRESPONSIVE:
    'The agent kept its thread without a pause: look for a loop without end. Long computing belongs into a worker thread or another process.',
  OUT_OF_MEMORY: 'Let the agent keep less at once, or give the function of the workers more memory.',
  AGENT_EXITED: 'Let the agent return its result, or throw an error: the process is not its own.',
  AGENT_ERROR: 'Await each promise or catch its error, and catch what a timer, an event or a callback may throw.',
}

function failureOf({ queryType }: ClaimedJob, { code, reason }: LostRun): PermanentFailure {
  return new PermanentFailure({
    code,
    message: `Agent ${queryType} ended its worker: it ${reason}`,
    remediation: REMEDIATION[code],
  })
}
