import type { Clock } from '../sdk/clock.ts'
import { wait } from './clock.ts'
import type { ClaimedJob, Job } from './job/job.ts'
import { attemptsSpent, dueAtAfterTouch, dueAtBehind, isExpired, overdueMove, touchesAfter } from './job/job.ts'
import { expired, notStarted, workerLost } from './job/job-errors.ts'
import type { Log } from './log.ts'
import { expire } from './store/expire.ts'
import {
  findOverdue,
  giveUpLostWorker,
  giveUpUnstarted,
  postponeTurn,
  readRow,
  requeueLostWorker,
  stopLooking,
  touchOverdue,
} from './store/overdue.ts'
import type { SessionTable } from './store/sessions.ts'
import { readTurns } from './store/sessions.ts'
import type { JobTable } from './store/write.ts'

type Move = NonNullable<ReturnType<typeof overdueMove>>

export interface Sweep {
  jobs: JobTable
  sessionTable: SessionTable
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

/** How long a job has been due and untouched, for whoever counts it. A turn that waits for the one before it is left out. */
function waited({ status, priority, runAt, updatedAt }: Job, move: Move, now: number) {
  if (status !== 'PENDING' || move === 'postponeTurn') return {}
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
  const move = job && overdueMove(job, now, await isBehind(sweep, job))
  if (!job || !move) return undefined
  if (move === 'waitForWorker') return 'silent'
  const moved = await make(jobs, job, now, move)
  if (moved) log.info('An overdue job was moved', { jobId: id, move, attempt: job.attempt, ...waited(job, move, now) })
  return undefined
}

/** Whether an earlier turn of its session comes before it. */
async function isBehind({ sessionTable }: Sweep, { id, sessionKey, status }: Job): Promise<boolean> {
  return status === 'PENDING' && sessionKey !== undefined && (await readTurns(sessionTable, sessionKey)).indexOf(id) > 0
}

function make(jobs: JobTable, job: Job, now: number, move: Move): Promise<boolean> {
  if (isExpired(job, now)) return expire(jobs, job.id, expired(job), now)
  if (job.status !== 'PENDING') return stopLooking(jobs, job, now)
  if (move === 'postponeTurn') return postponeTurn(jobs, job.id, dueAtBehind(job, now), now)
  if (move === 'giveUpUnstarted') return giveUpUnstarted(jobs, job.id, notStarted(job, now), now)
  return touchOverdue(jobs, job.id, { dueAt: dueAtAfterTouch(job, now), touches: touchesAfter(job, now) }, now)
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
