import type { JobContext } from '../../sdk/agent.ts'
import type { Clock } from '../../sdk/clock.ts'
import type { Model } from '../../sdk/model.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { Log } from '../log.ts'
import type { EventTable } from '../store/checkpoints.ts'
import type { JobTable, Lease } from '../store/write.ts'
import { awakeTime } from './awake-time.ts'
import { createCheckpoints } from './checkpoints.ts'
import type { JobEvents } from './events.ts'
import { createJobContext } from './job-context.ts'
import { keepLease } from './lease.ts'
import type { RunReport } from './report.ts'
import { createReport } from './report.ts'
import { RunStopped } from './stopped.ts'
import { stopInTime } from './time-ends.ts'

// Left of the worker's time to write how the job ended, when the last push takes 5 s of it.
const PUSH_AND_WRITE_MS = 7_000
// A host that shuts down is killed after two seconds; a push or a write that fails is not tried again after one.
const CLOSING_MS = 1_000

export interface JobRun {
  context: JobContext
  /** Rejects with RunStopped when the run is stopped from outside; never resolves. */
  stopped: Promise<never>
  /** Epoch ms after which no push is begun any more, so that the end can still be written. It may come nearer, or go. */
  deadline(): number
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
  /** Of the agent's own; else the model decides. */
  stallSeconds: number | undefined
  remainingMs: number
  /** Aborts when the host shuts down. */
  closing?: AbortSignal
  /** Epoch seconds, of the checkpoints. */
  ttl: number
}

/** Starts what goes on around an agent: heartbeats, the time-out, and the context through which the agent reports. */
export function startRun(job: ClaimedJob, terms: RunTerms): JobRun {
  const { clock, log, remainingMs, closing } = terms
  const abort = new AbortController()
  const stop = (fault: Error) => abort.abort(fault)
  const report = createReport(job, log)
  const awake = awakeTime(clock)
  const started = awake.now()
  const kept = keepLease(job, { ...terms, awake, report, lost: (why) => stop(new RunStopped('LOST', why)) })
  const earlierMs = job.elapsedMs ?? 0
  const letRun = stopInTime({ clock, awake, timeoutMs: terms.timeoutMs, earlierMs, remainingMs, stop })
  let closedAt = Number.POSITIVE_INFINITY
  const close = () => {
    closedAt = clock.now()
    stop(new RunStopped('CLOSING', 'The worker shuts down; the next one goes on.'))
  }
  if (closing?.aborted) close()
  closing?.addEventListener('abort', close, { once: true })
  let ended = false

  const deadline = () => {
    const ranMs = awake.now() - started
    return Math.min(closedAt + CLOSING_MS, clock.now() - ranMs + remainingMs - PUSH_AND_WRITE_MS)
  }
  const checkpoints = createCheckpoints(job, { ...terms, report, deadline, write: kept.write })
  const isOver = () => ended || abort.signal.aborted
  return {
    context: createJobContext(job, { ...terms, signal: abort.signal, report, isOver, checkpoint: checkpoints.add }),
    stopped: rejectedBy(abort.signal),
    deadline,
    report,
    idle: () => checkpoints.idle().then(kept.idle),
    elapsedMs: () => earlierMs + awake.now() - started,
    stop,
    end() {
      ended = true
      closing?.removeEventListener('abort', close)
      kept.end()
      letRun()
      awake.end()
    },
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  const rejected = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // The agent may have ended before; then nobody waits for this any more.
  rejected.catch(() => undefined)
  return rejected
}
