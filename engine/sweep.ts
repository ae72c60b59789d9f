import type { Clock } from '../sdk/clock.ts'
import { wait } from './clock.ts'
import type { ClaimedJob, Job } from './job/job.ts'
import { attemptsSpent, dueAtAfterTouch, isExpired, overdueMove } from './job/job.ts'
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
const SPARE_MS = 15_000

// A worker that slept renews its lease some two seconds after it wakes: one whose lease is still over after this is lost.
const GRACE_MS = 10_000
// The sweep may have slept as well, in its grace.
const LATE_MS = 1_000

/** Gets every overdue job going again. Safe to run twice, or late: each write repeats what it was decided on. */
export async function sweepOverdue(sweep: Sweep, remainingMs: () => number): Promise<void> {
  const { jobs, clock, log } = sweep
  const failures: unknown[] = []
  const silent: string[] = []
  const moveAll = async (ids: string[], move: (id: string) => Promise<void>) => {
    const results = await Promise.allSettled(ids.map(move))
    failures.push(...results.filter((result) => result.status === 'rejected').map((result) => result.reason))
  }
  for await (const ids of findOverdue(jobs, clock.now())) {
    await moveAll(ids, async (id) => {
      if ((await moveOverdue(sweep, id)) === 'silent') silent.push(id)
    })
    if (remainingMs() < SPARE_MS) {
      log.warn('There are more overdue jobs than one sweep can move')
      break
    }
  }
  if (silent.length > 0 && (await grace(clock))) await moveAll(silent, (id) => moveLost(sweep, id))
  // One bad row must not keep the others waiting, yet it must be seen.
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} overdue jobs could not be moved`)
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

/** False when it took longer than it should have: then whoever slept along needs another, which the next sweep gives. */
async function grace(clock: Clock): Promise<boolean> {
  const end = clock.now() + GRACE_MS
  await wait(clock, GRACE_MS)
  return clock.now() < end + LATE_MS
}

/** Moves a job that waits or is over; a worker that is silent gets its grace first. */
async function moveOverdue(sweep: Sweep, id: string): Promise<'silent' | undefined> {
  const { jobs, clock, log } = sweep
  const now = clock.now()
  const job = await readRow(jobs, id, now)
  const move = job && overdueMove(job, now)
  if (!job || !move) return undefined
  if (move === 'waitForWorker') return 'silent'
  const moved = await make(jobs, job, now)
  if (moved) log.info('An overdue job was moved', { jobId: id, move, attempt: job.attempt, ...waited(job, now) })
  return undefined
}

function make(jobs: JobTable, job: Job, now: number): Promise<boolean> {
  if (isExpired(job, now)) return expire(jobs, job.id, expired(job), now)
  if (job.status === 'PENDING') return touchOverdue(jobs, job.id, dueAtAfterTouch(job, now), now)
  return stopLooking(jobs, job, now)
}

async function moveLost({ jobs, defaultMaxAttempts, clock, log }: Sweep, id: string): Promise<void> {
  const now = clock.now()
  const job = await readRow(jobs, id, now)
  if (!job || overdueMove(job, now) !== 'waitForWorker') return
  const spent = attemptsSpent(job, defaultMaxAttempts)
  const error = workerLost(job as ClaimedJob, spent)
  const moved = await (spent ? giveUpLostWorker : requeueLostWorker)(jobs, id, error, now)
  const move = spent ? 'giveUpLostWorker' : 'requeueLostWorker'
  if (moved) log.info('An overdue job was moved', { jobId: id, move, attempt: job.attempt })
}
