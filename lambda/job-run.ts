import type { JobContext, Model } from '../agents/define-agent.ts'
import type { Clock } from './clock.ts'
import { RunStopped } from './errors.ts'
import type { ClaimedJob, JobUsage } from './job.ts'
import type { JobEvents } from './job-events.ts'
import type { Hold, JobTable, Report } from './job-store.ts'
import { heartbeat } from './job-store.ts'
import type { Log } from './log.ts'

// DynamoDB refuses an item over 400 KB. What is left over goes to names, times, usage and an error with its details.
const MAX_ROW_BYTES = 350_000
const MAX_PROGRESS_CHARS = 1_000
// Left of the Lambda's time to flush the events and write how the job ended; the last push may take 5 s of it.
const WRITE_MS = 10_000
const PUSH_AND_WRITE_MS = 7_000

/** Bytes that a result or partial result may have beside the request in the same row. */
export function roomBeside(job: ClaimedJob): number {
  return Math.max(0, MAX_ROW_BYTES - Buffer.byteLength(job.requestData ?? ''))
}

export interface JobRun {
  context: JobContext
  /** Rejects with RunStopped when the run is stopped from outside; never resolves. */
  stopped: Promise<never>
  /** Epoch ms after which no push is begun any more, so that the end can still be written. */
  deadline: number
  /** What the agent reported since it was last written. */
  unwritten(): Report
  /** No more heartbeats, and no more time-out. */
  end(): void
}

export interface RunTerms {
  jobs: JobTable
  hold: Hold
  model: Model
  events: JobEvents
  clock: Clock
  log: Log
  leaseMs: number
  heartbeatMs: number
  timeoutMs: number
  remainingMs: number
}

/** Starts what goes on around an agent: heartbeats, the time-out, and the context through which the agent reports. */
export function startRun(job: ClaimedJob, terms: RunTerms): JobRun {
  const { jobs, hold, clock, log, leaseMs, heartbeatMs, timeoutMs, remainingMs } = terms
  const started = clock.now()
  const allowedMs = Math.max(0, Math.min(timeoutMs, remainingMs - WRITE_MS))
  const abort = new AbortController()
  const report = createReport(job, log)
  let leaseEnd = job.leaseExpiresAt
  let ended = false

  const stop = (why: RunStopped['why'], message: string) => abort.abort(new RunStopped(why, message))
  const stopTimeout = clock.after(allowedMs, () => stop('TIMEOUT', timeoutMessage(timeoutMs, allowedMs)))
  let stopBeat = clock.after(heartbeatMs, beat)

  async function beat() {
    const now = clock.now()
    const unwritten = report.unwritten()
    try {
      if (!(await heartbeat(jobs, hold, unwritten, leaseMs, now))) {
        return stop('LOST', 'The job was cancelled, deleted, or taken over by another worker.')
      }
      leaseEnd = now + leaseMs
      report.markWritten(unwritten)
    } catch (error) {
      log.warn('A heartbeat could not be written', { jobId: job.id, error: error as Error })
      // From now on another worker may claim the job: two must not run it.
      if (clock.now() >= leaseEnd) return stop('LOST', 'The lease ran out, as the table could not be reached.')
    }
    if (!ended && !abort.signal.aborted) stopBeat = clock.after(heartbeatMs, beat)
  }

  const stopped = new Promise<never>((_resolve, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true })
  })
  // The agent may have ended before; then nobody waits for this any more.
  stopped.catch(() => undefined)

  return {
    context: createContext(job, {
      ...terms,
      signal: abort.signal,
      report,
      isOver: () => ended || abort.signal.aborted,
    }),
    stopped,
    deadline: started + remainingMs - PUSH_AND_WRITE_MS,
    unwritten: report.unwritten,
    end() {
      ended = true
      stopBeat()
      stopTimeout()
    },
  }
}

function timeoutMessage(timeoutMs: number, allowedMs: number): string {
  if (allowedMs >= timeoutMs) return `The job was stopped at its time-out of ${timeoutMs / 1000} s.`
  return `The job was stopped after ${Math.round(allowedMs / 1000)} s, as the time of its worker ends; its time-out is ${timeoutMs / 1000} s.`
}

interface ContextParts extends RunTerms {
  signal: AbortSignal
  report: ReturnType<typeof createReport>
  isOver(): boolean
}

/** What the agent sees. An agent that goes on after its run was stopped talks to nobody. */
function createContext(job: ClaimedJob, { model, events, signal, report, isOver }: ContextParts): JobContext {
  return {
    id: job.id,
    owner: job.owner,
    queryType: job.queryType,
    attempt: job.attempt,
    signal,
    model: {
      async converse(request, on) {
        const reply = await model.converse(request, on)
        report.addUsage(reply.usage, reply.latencyMs, reply.modelId)
        return reply
      },
    },
    progress(fraction, said) {
      if (isOver()) return
      const message = said?.slice(0, MAX_PROGRESS_CHARS)
      const progress = Math.min(1, Math.max(0, fraction))
      report.set({ progress, progressMessage: message })
      events.add('PROGRESS', { progress, message })
    },
    emit(text) {
      if (!isOver()) events.text(text)
    },
    partial(value) {
      if (!isOver()) report.setPartial(value)
    },
    event(type, data) {
      if (!isOver()) events.add(type, data)
    },
  }
}

/** Keeps what the agent reports, and knows what of it the row already has. */
function createReport(job: ClaimedJob, log: Log) {
  const latest: Report = {}
  let written: Report = {}
  const room = roomBeside(job)
  return {
    set({ progress, progressMessage }: Report) {
      latest.progress = progress
      if (progressMessage !== undefined) latest.progressMessage = progressMessage
    },
    setPartial(value: unknown) {
      const text = JSON.stringify(value) ?? 'null'
      const bytes = Buffer.byteLength(text)
      if (bytes <= room) latest.partialResult = text
      else log.warn('A partial result is too large for the row; the one before stays', { jobId: job.id, bytes, room })
    },
    addUsage(added: { inputTokens: number; outputTokens: number }, latencyMs: number, modelId: string) {
      const before: JobUsage = latest.usage ?? job.usage ?? { inputTokens: 0, outputTokens: 0, modelLatencyMs: 0 }
      latest.usage = {
        ...before,
        inputTokens: before.inputTokens + added.inputTokens,
        outputTokens: before.outputTokens + added.outputTokens,
        modelLatencyMs: before.modelLatencyMs + latencyMs,
        modelId,
      }
    },
    unwritten(): Report {
      const changed = Object.entries(latest).filter(([key, value]) => written[key as keyof Report] !== value)
      return Object.fromEntries(changed)
    },
    markWritten(report: Report) {
      written = { ...written, ...report }
    },
  }
}
