import type { JobContext } from '../../sdk/agent.ts'
import type { Clock } from '../../sdk/clock.ts'
import type { Model } from '../../sdk/model.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { Log } from '../log.ts'
import { insisting, untilTaken } from '../retry.ts'
import type { EventTable } from '../store/checkpoints.ts'
import { storeCheckpoint } from '../store/checkpoints.ts'
import type { JobTable, Lease } from '../store/write.ts'
import type { JobEvents } from './events.ts'
import { createJobContext } from './job-context.ts'
import { keepLease } from './lease.ts'
import type { RunReport } from './report.ts'
import { createReport } from './report.ts'
import { RunStopped } from './stopped.ts'

// Left of the worker's time to flush the events and write how the job ended; the last push may take 5 s of it.
const WRITE_MS = 10_000
const PUSH_AND_WRITE_MS = 7_000

export interface JobRun {
  context: JobContext
  /** Rejects with RunStopped when the run is stopped from outside; never resolves. */
  stopped: Promise<never>
  /** Epoch ms after which no push is begun any more, so that the end can still be written. */
  deadline: number
  report: RunReport
  /** Resolves when no checkpoint and no heartbeat is under way, so that what comes next is written last. */
  idle(): Promise<void>
  /** Milliseconds that this attempt has run, in this slice and those before. */
  elapsedMs(): number
  /** Ends the run with this as its fault, if it is not over. */
  stop(fault: Error): void
  /** No more heartbeats, and no more time-out. */
  end(): void
}

export interface RunTerms {
  jobs: JobTable
  eventTable: EventTable
  lease: Lease
  /** What the agent goes on from. */
  resumed: unknown
  /** What its checkpoints are written as. */
  checkpointFormat: string | undefined
  model: Model
  events: JobEvents
  clock: Clock
  random: () => number
  log: Log
  leaseMs: number
  heartbeatMs: number
  timeoutMs: number
  stallSeconds: number
  remainingMs: number
  /** Epoch seconds, of the checkpoints. */
  ttl: number
}

/** Starts what goes on around an agent: heartbeats, the time-out, and the context through which the agent reports. */
export function startRun(job: ClaimedJob, terms: RunTerms): JobRun {
  const { clock, log, remainingMs } = terms
  const started = clock.now()
  const abort = new AbortController()
  const report = createReport(job, log)
  const elapsedMs = () => (job.elapsedMs ?? 0) + clock.now() - started
  const end = timeEnd(terms.timeoutMs, elapsedMs(), remainingMs - WRITE_MS)
  const stopTimer = clock.after(end.inMs, () => abort.abort(new RunStopped(end.why, end.message)))
  const kept = keepLease(job, { ...terms, report, lost: (reason) => abort.abort(new RunStopped('LOST', reason)) })
  let ended = false

  const stopped = new Promise<never>((_resolve, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true })
  })
  // The agent may have ended before; then nobody waits for this any more.
  stopped.catch(() => undefined)

  const isOver = () => ended || abort.signal.aborted
  const deadline = started + remainingMs - PUSH_AND_WRITE_MS
  const checkpoints = createCheckpoints(job, { ...terms, deadline }, report, kept.write)
  return {
    context: createJobContext(job, { ...terms, signal: abort.signal, report, isOver, checkpoint: checkpoints.add }),
    stopped,
    deadline,
    report,
    idle: () => checkpoints.idle().then(kept.idle),
    elapsedMs,
    stop: (fault) => abort.abort(fault),
    end() {
      ended = true
      kept.end()
      stopTimer()
    },
  }
}

/** What ends first: the job's time, or its worker's. */
function timeEnd(timeoutMs: number, elapsedMs: number, sliceMs: number) {
  const leftMs = Math.max(0, timeoutMs - elapsedMs)
  const inMs = Math.max(0, Math.min(leftMs, sliceMs))
  if (leftMs <= sliceMs) {
    return { why: 'TIMEOUT', inMs, message: `The job was stopped at its time-out of ${timeoutMs / 1000} s.` } as const
  }
  const message = `The job was stopped after ${Math.round(inMs / 1000)} s, as the time of its worker ends; its time-out is ${timeoutMs / 1000} s.`
  return { why: 'SLICE', inMs, message } as const
}

/** Stores where the agent stands, one checkpoint after the other, and has the row point to the last. */
function createCheckpoints(
  job: ClaimedJob,
  { eventTable, events, ttl, checkpointFormat: format, clock, random, log, deadline }: RunTerms & { deadline: number },
  report: RunReport,
  write: () => Promise<void>,
) {
  let storing = Promise.resolve()

  async function store(state: string) {
    const about = { jobId: job.id, attempt: job.attempt, characters: state.length }
    const seq = events.nextSeq()
    const insist = <T>(write: () => Promise<T>) =>
      untilTaken(write, insisting({ clock, random, log }, { deadline, about }))
    try {
      if (!(await insist(() => storeCheckpoint(eventTable, job, { seq, state, ttl, format }, clock.now())))) {
        return log.warn('A checkpoint is too large, even compressed; the one before stays', about)
      }
      report.set({ checkpointSeq: seq })
      await insist(write)
    } catch (error) {
      // The agent need not stop for it: at worst, its next worker begins a little earlier.
      log.warn('A checkpoint could not be stored', { ...about, error: error as Error })
    }
  }

  return {
    add(state: string): Promise<void> {
      storing = storing.then(() => store(state))
      return storing
    },
    idle: () => storing,
  }
}
