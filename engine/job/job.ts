import { dueAtForStart, PATIENCE_MS } from './due.ts'

/** The job as the engine sees it. Pure: nothing here reads a clock, a table or the environment. */

export const jobStatuses = ['PENDING', 'PROCESSING', 'COMPLETE', 'FAILED', 'CANCELLED'] as const
export type JobStatus = (typeof jobStatuses)[number]

export const jobPriorities = ['HIGH', 'NORMAL', 'LOW'] as const
export type JobPriority = (typeof jobPriorities)[number]

export interface JobError {
  code: string
  message: string
  remediation: string
  /** True when the same job may well end better the next time. */
  retryable: boolean
  /** JSON text. */
  details?: string
}

/** What the job's model calls took, over all its attempts. */
export interface JobUsage {
  inputTokens: number
  outputTokens: number
  modelId?: string
  modelLatencyMs: number
}

interface JobBase {
  id: string
  /** Of this very row: another job that takes the id later has another. A row put by hand gets its own with the first claim. */
  uid?: string
  /** Cognito `sub` of the submitter. A row put by hand may have none: then only admins see it. */
  owner?: string
  queryType: string
  /** JSON text, as submitted; nobody has looked into it yet. */
  requestData?: string
  /** The last error: why the job failed, or why it waits to be tried again. */
  error?: JobError
  progress?: number
  progressMessage?: string
  /** JSON text. */
  partialResult?: string
  /** Claims since the job last got further, but for those that go on where nothing failed; 0 until the first claim. */
  attempt: number
  maxAttempts?: number
  /** The same since its owner had it run, whether it got further or not. */
  allAttempts: number
  /** Claims ever; never reset, so that the events of two runs cannot get the same number. */
  claims: number
  priority: JobPriority
  sessionId?: string
  /** owner#sessionId: turns of one session run in order. */
  sessionKey?: string
  /** The earliest start: a delayed job, or the next attempt. */
  runAt?: string
  /** A job that nobody has started by then is given up. */
  deadline?: string
  timeoutSeconds?: number
  /** Milliseconds that this attempt ran in earlier slices: the time-out counts them all. */
  elapsedMs?: number
  /** The event that holds where the agent stood last; the next claim goes on from there. */
  checkpointSeq?: number
  /** Since when the model has answered nothing but that it is busy. */
  throttledSince?: string
  usage?: JobUsage
  /** +1 with each write: a reader drops what is older than what it has. */
  version: number
  createdAt: string
  updatedAt: string
  startedAt?: string
  /** How often the sweep has had it dispatched once more, in vain, since it last ran. */
  touches: number
  /** When somebody must look at the job again, in epoch milliseconds; absent when nobody need. */
  dueAt?: number
  /** Epoch seconds. */
  ttl?: number
}

/** In the row, or beside it in S3 when it is too large: then the row has its key and how it begins. */
export type JobResult =
  | { resultData: string; resultKey?: undefined; resultPreview?: undefined }
  | { resultData?: undefined; resultKey: string; resultPreview: string }

export type Job = JobBase &
  (
    | { status: 'PENDING' }
    | { status: 'PROCESSING'; uid: string; claimToken: string; leaseExpiresAt: number }
    | ({ status: 'COMPLETE'; completedAt: string } & JobResult)
    | { status: 'FAILED'; error: JobError; completedAt: string }
    | { status: 'CANCELLED'; completedAt: string }
  )

export type ClaimedJob = Extract<Job, { status: 'PROCESSING' }>
export type PendingJob = Extract<Job, { status: 'PENDING' }>

/** What a run has to say about its job; written with a heartbeat, with a checkpoint, and with the end of the job. */
export interface Report {
  progress?: number
  progressMessage?: string
  partialResult?: string
  usage?: JobUsage
  checkpointSeq?: number
  /** Goes with the checkpoint: 1 when the job has got further by it than where this run began. */
  attempt?: number
  /** The model answered: it is not, or no longer, throttled. */
  answered?: true
}

/** Why and until when a job is put off. */
export interface Delay {
  error: JobError
  /** Epoch ms. */
  runAt: number
  /** It was not the job that failed: the attempt goes on then, with the time it has run. */
  sameAttempt?: { throttledSince: string; elapsedMs: number }
}

/** Every move a job can make: from which states, and where it leads. The store's conditions are tested against it. */
export const moves = {
  claim: { from: ['PENDING'], to: 'PROCESSING' },
  heartbeat: { from: ['PROCESSING'], to: 'PROCESSING' },
  complete: { from: ['PROCESSING'], to: 'COMPLETE' },
  fail: { from: ['PROCESSING'], to: 'FAILED' },
  retryLater: { from: ['PROCESSING'], to: 'PENDING' },
  handOver: { from: ['PROCESSING'], to: 'PENDING' },
  expire: { from: ['PENDING'], to: 'FAILED' },
  requeueLostWorker: { from: ['PROCESSING'], to: 'PENDING' },
  giveUpLostWorker: { from: ['PROCESSING'], to: 'FAILED' },
  handOverForDead: { from: ['PROCESSING'], to: 'PENDING' },
  touchOverdue: { from: ['PENDING'], to: 'PENDING' },
  postponeTurn: { from: ['PENDING'], to: 'PENDING' },
  giveUpUnstarted: { from: ['PENDING'], to: 'FAILED' },
  setAside: { from: ['PENDING'], to: 'FAILED' },
  cancel: { from: ['PENDING', 'PROCESSING'], to: 'CANCELLED' },
  addToCancelled: { from: ['CANCELLED'], to: 'CANCELLED' },
  retry: { from: ['FAILED', 'CANCELLED'], to: 'PENDING' },
} as const satisfies Record<string, { from: readonly JobStatus[]; to: JobStatus }>

export type Move = keyof typeof moves

/** Where `move` leads from `from`, or undefined when it is not allowed there. */
export function afterMove(from: JobStatus, move: Move): JobStatus | undefined {
  const { from: allowed, to }: { from: readonly JobStatus[]; to: JobStatus } = moves[move]
  return allowed.includes(from) ? to : undefined
}

export function isOver(status: JobStatus): boolean {
  return status === 'COMPLETE' || status === 'FAILED' || status === 'CANCELLED'
}

export function isJobStatus(value: unknown): value is JobStatus {
  return jobStatuses.includes(value as JobStatus)
}

// The claim and the events of a run share one number space per job, and GraphQL's Int ends at 2,147,483,647.
export const EVENTS_PER_CLAIM = 1_000_000

/** The number of the `n`th event (from 1) of the run that made the `claims`th claim. */
export function eventSeq(claims: number, n: number): number {
  return claims * EVENTS_PER_CLAIM + n
}

// An agent that fails at ever other places, or never goes on from its checkpoint, must end as well.
const MAX_ALL_ATTEMPTS = 100

/** Why the job is not tried again, in words; undefined when it is. */
export function attemptsSpent({ attempt, allAttempts, maxAttempts }: Job, defaultMaxAttempts: number) {
  const max = maxAttempts ?? defaultMaxAttempts
  if (attempt >= max) return `attempt ${attempt} of ${max}`
  return allAttempts >= MAX_ALL_ATTEMPTS ? `attempt ${allAttempts} in all` : undefined
}

/** Full jitter: anywhere between at once and the exponential bound, so that a herd of retries spreads out. */
export function backoffMs(attempt: number, random: number): number {
  const bound = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt - 1, 20))
  return Math.round(bound * random)
}

/** The same where no attempts are counted: up to as long again as it has been waited so far. */
export function busyBackoffMs(waitedMs: number, random: number): number {
  return Math.round(Math.min(MAX_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, waitedMs)) * random)
}

/** Until when (epoch ms) a job waits for a model that is busy. */
export function patienceWithModel({ deadline }: Job, throttledSince: number): number {
  return deadline ? Date.parse(deadline) : throttledSince + MAX_THROTTLED_MS
}

const MAX_THROTTLED_MS = 24 * 3_600_000

const FIRST_BACKOFF_MS = 2_000
export const MAX_BACKOFF_MS = 5 * 60_000

const MAX_PATIENCE_MS = 6 * 3_600_000

/** When to look at an overdue PENDING job next: each wait is twice the last, as a long queue is no reason to fill it more. */
export function dueAtAfterTouch(job: PendingJob, now: number): number {
  const runAt = job.runAt ? Date.parse(job.runAt) : 0
  const lastWait = (job.dueAt ?? now) - Math.max(Date.parse(job.updatedAt), runAt)
  const next =
    runAt > now ? dueAtForStart(runAt, now) : now + Math.min(MAX_PATIENCE_MS, Math.max(PATIENCE_MS, 2 * lastWait))
  return beforeDeadline(job, next)
}

/** When to look at a turn again that waits behind another: nothing is sent for it, so it may be looked at often. */
export function dueAtBehind(job: PendingJob, now: number): number {
  return beforeDeadline(job, now + PATIENCE_MS)
}

function beforeDeadline(job: PendingJob, dueAt: number): number {
  return isUnstarted(job) && job.deadline ? Math.min(dueAt, Date.parse(job.deadline)) : dueAt
}

/** Looks at 5, 15, 35, 75 min … after the job should have started: with six hours as the longest wait, this many are 28 h. */
const MAX_TOUCHES = 9

/** A far start is handed to the queue's delay by a touch as well, which is no sign of anything. */
export function touchesAfter({ runAt, touches }: PendingJob, now: number): number {
  return runAt && Date.parse(runAt) > now ? touches : touches + 1
}

/** A throttled job has no attempt on its count, but it has been started. */
function isUnstarted({ attempt, startedAt }: Job): boolean {
  return attempt === 0 && startedAt === undefined
}

/** Whether the job should have been started by now, and was not. */
export function isExpired(job: Job, now: number): job is PendingJob & { deadline: string } {
  if (job.status !== 'PENDING' || !job.deadline) return false
  return isUnstarted(job) && Date.parse(job.deadline) <= now
}

/** What the sweep does with a job that the index says is due; `isBehind` says that it is a turn, and not its session's next. */
export function overdueMove(job: Job, now: number, isBehind = false) {
  if (isExpired(job, now)) return 'expire'
  if (job.status === 'PENDING' && isBehind) return 'postponeTurn'
  if (job.status === 'PENDING') return touchesAfter(job, now) > MAX_TOUCHES ? 'giveUpUnstarted' : 'touchOverdue'
  if (job.status !== 'PROCESSING') return 'stopLooking'
  // The index lags behind the table: a heartbeat may have moved the lease since.
  if (job.leaseExpiresAt > now) return undefined
  return 'waitForWorker'
}
