import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { isoTime } from '../clock.ts'
import type { ClaimedJob, Delay, JobError, JobResult, Report } from '../job/job.ts'
import { attemptsSpent, backoffMs, busyBackoffMs, MAX_BACKOFF_MS, patienceWithModel } from '../job/job.ts'
import { agentError, gaveUp, jobError, notResumable, timedOut, waiting } from '../job/job-errors.ts'
import { complete, fail, handOver, retryLater } from '../store/leased.ts'
import type { JobTable, Lease } from '../store/write.ts'
import type { Fault } from './read-fault.ts'
import { RunStopped } from './stopped.ts'

/** How a run ended, and what becomes of its job. */
export type RunEnd =
  | { kind: 'complete'; result: JobResult }
  | { kind: 'fail'; error: JobError; bug?: Error }
  | { kind: 'retry'; delay: Delay }
  | { kind: 'handOver'; elapsedMs: number }
  | { kind: 'lost'; reason: string }

/** What is known of the run when it ends. */
export interface RunState {
  report: Readonly<Report>
  elapsedMs: number
  now: number
  /** From 0 to 1; spreads the retries. */
  random: number
}

/** What a fault of the run means for its job. */
export function endByFault(job: ClaimedJob, fault: Fault, state: RunState): RunEnd {
  if (fault instanceof RunStopped) return endByStop(job, fault, state)
  if (fault instanceof PermanentFailure) return { kind: 'fail', error: jobError(fault) }
  if (fault instanceof RetryLater) return fault.sparesAttempt ? waitOut(job, fault, state) : tryAgain(job, fault, state)
  return { kind: 'fail', error: jobError(agentError(job, fault)), bug: fault }
}

function endByStop(job: ClaimedJob, fault: RunStopped, { report, elapsedMs }: RunState): RunEnd {
  if (fault.why === 'LOST') return { kind: 'lost', reason: fault.message }
  if (fault.why === 'TIMEOUT') return { kind: 'fail', error: jobError(timedOut(job, fault)) }
  // A checkpoint of this very slice: without one, the next would come no further than this one did.
  if (report.checkpointSeq !== undefined) return { kind: 'handOver', elapsedMs }
  // Which is nobody's fault where the host shuts down: what was done since is not counted.
  if (fault.why === 'CLOSING') return { kind: 'handOver', elapsedMs: job.elapsedMs ?? 0 }
  return { kind: 'fail', error: jobError(notResumable(job, fault)) }
}

function tryAgain(job: ClaimedJob, fault: RetryLater, { report, now, random }: RunState): RunEnd {
  const { attempt = job.attempt } = report
  const spent = attemptsSpent({ ...job, attempt }, 1)
  if (spent) return { kind: 'fail', error: gaveUp(jobError(fault), spent) }
  return { kind: 'retry', delay: waiting(jobError(fault), now + waitMs(fault, backoffMs(attempt, random))) }
}

/** The model is busy, which no attempt can help: the job waits, the longer the longer it has waited. */
function waitOut(job: ClaimedJob, fault: RetryLater, { report, elapsedMs, now, random }: RunState): RunEnd {
  const since = report.answered || !job.throttledSince ? now : Date.parse(job.throttledSince)
  const limit = patienceWithModel(job, since)
  if (now >= limit) {
    const until = job.deadline ? ` until its deadline, ${job.deadline}` : ''
    return { kind: 'fail', error: gaveUp(jobError(fault), `waited since ${isoTime(since)}${until}`) }
  }
  const runAt = Math.min(limit, now + waitMs(fault, busyBackoffMs(now - since, random)))
  const sameAttempt = { throttledSince: isoTime(since), elapsedMs }
  return { kind: 'retry', delay: { ...waiting(jobError(fault), runAt, limit), sameAttempt } }
}

function waitMs(fault: RetryLater, backoff: number): number {
  return Math.min(MAX_BACKOFF_MS, Math.max(fault.retryAfterMs ?? 0, backoff))
}

/** Writes the end. False when the job was no longer ours: then nothing was written. */
export async function writeRunEnd(jobs: JobTable, lease: Lease, end: RunEnd, report: Report, now: number) {
  switch (end.kind) {
    case 'complete':
      return complete(jobs, lease, end.result, report, now)
    case 'fail':
      return fail(jobs, lease, end.error, report, now)
    case 'retry':
      return retryLater(jobs, lease, end.delay, report, now)
    case 'handOver':
      return handOver(jobs, lease, end.elapsedMs, report, now)
    case 'lost':
      return false
  }
}
