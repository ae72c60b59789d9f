import type { Clock } from '../sdk/clock.ts'
import type { Job } from './job/job.ts'
import { dueAtAfterTouch, isExpired, overdueMove } from './job/job.ts'
import { expired, workerLost } from './job/job-errors.ts'
import type { Log } from './log.ts'
import { expire } from './store/expire.ts'
import {
  findOverdue,
  giveUpLostWorker,
  readRow,
  requeueLostWorker,
  stopLooking,
  touchOverdue,
} from './store/overdue.ts'
import type { JobTable } from './store/write.ts'

export interface Sweep {
  jobs: JobTable
  defaultMaxAttempts: number
  clock: Clock
  log: Log
}

// What is not reached in this run is found by the next one, a minute later.
const SPARE_MS = 5_000

/** Gets every overdue job going again. Safe to run twice, or late: each write repeats what it was decided on. */
export async function sweepOverdue(sweep: Sweep, remainingMs: () => number): Promise<void> {
  const { jobs, clock, log } = sweep
  const failures: unknown[] = []
  for await (const ids of findOverdue(jobs, clock.now())) {
    const results = await Promise.allSettled(ids.map((id) => moveOverdue(sweep, id)))
    failures.push(...results.filter((result) => result.status === 'rejected').map((result) => result.reason))
    if (remainingMs() < SPARE_MS) {
      log.warn('There are more overdue jobs than one sweep can move')
      break
    }
  }
  // One bad row must not keep the others waiting, yet it must be seen.
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} overdue jobs could not be moved`)
}

async function moveOverdue({ jobs, defaultMaxAttempts, clock, log }: Sweep, id: string): Promise<void> {
  const now = clock.now()
  const job = await readRow(jobs, id, now)
  const move = job && overdueMove(job, now, defaultMaxAttempts)
  if (!job || !move) return
  const moved = await make(jobs, job, now, move)
  if (moved) log.info('An overdue job was moved', { jobId: id, move, attempt: job.attempt, ...waited(job, now) })
}

/**
 * How long a job has been due and untouched, for whoever counts it. A session's turn is left out: it waits for the turn before
 * it, for as long as that takes.
 */
function waited({ status, sessionId, priority, runAt, updatedAt }: Job, now: number) {
  if (status !== 'PENDING' || sessionId) return {}
  const due = Math.max(Date.parse(updatedAt), runAt ? Date.parse(runAt) : 0)
  return due < now ? { waitedSeconds: Math.floor((now - due) / 1000), priority } : {}
}

function make(jobs: JobTable, job: Job, now: number, move: NonNullable<ReturnType<typeof overdueMove>>) {
  if (isExpired(job, now)) return expire(jobs, job.id, expired(job), now)
  if (job.status === 'PENDING') return touchOverdue(jobs, job.id, dueAtAfterTouch(job, now), now)
  if (job.status !== 'PROCESSING') return stopLooking(jobs, job, now)
  if (move === 'requeueLostWorker') return requeueLostWorker(jobs, job.id, workerLost(job, true), now)
  return giveUpLostWorker(jobs, job.id, workerLost(job, false), now)
}
