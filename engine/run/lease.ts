import type { Clock } from '../../sdk/clock.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { Log } from '../log.ts'
import { heartbeat, isLeased } from '../store/leased.ts'
import type { JobTable, Lease } from '../store/write.ts'
import type { AwakeTime } from './awake-time.ts'
import type { RunReport } from './report.ts'

export interface KeptLease {
  /** Writes what the run reported since the last write, after the write under way; rejects when the table cannot be reached. */
  write(): Promise<void>
  /** Resolves when no write is under way. */
  idle(): Promise<void>
  /** No more looks, and no more heartbeats. */
  end(): void
}

export interface LeaseTerms {
  jobs: JobTable
  lease: Lease
  clock: Clock
  awake: AwakeTime
  log: Log
  leaseMs: number
  heartbeatMs: number
  report: RunReport
  /** Called once, when the job is not ours any more. */
  lost(reason: string): void
}

// Somebody who cancels a job sees it stop within two seconds; a heartbeat that often would be a write, and a push, each time.
const LOOK_MS = 1_500
// A write is paid by the size of its row: one of 256 KB is written a fourth as often, and its lease is four times as long.
const LIGHT_ROW_BYTES = 65_536

/** Keeps a job while its agent runs: renews its lease, writes what is reported, and looks whether it was taken away. */
export function keepLease(job: ClaimedJob, terms: LeaseTerms): KeptLease {
  const { jobs, lease, clock, awake, log, leaseMs, heartbeatMs, report } = terms
  const requestBytes = Buffer.byteLength(job.requestData ?? '')
  const weight = () => {
    const partial = report.latest.partialResult ?? job.partialResult ?? ''
    return Math.max(1, Math.ceil((requestBytes + Buffer.byteLength(partial)) / LIGHT_ROW_BYTES))
  }
  // In time awake: a lease that ran out in our sleep is renewed as long as our token stands.
  let leaseEnd = awake.now() + job.leaseExpiresAt - clock.now()
  let over = false
  let writing = Promise.resolve()
  let stopBeat = clock.after(heartbeatMs, beat)
  let stopLook = clock.after(LOOK_MS, look)
  awake.onJump(() => void tryWrite())

  function end() {
    over = true
    stopBeat()
    stopLook()
  }

  function lose(reason: string) {
    if (over) return
    end()
    terms.lost(reason)
  }

  async function beat() {
    await tryWrite()
    if (!over) stopBeat = clock.after(heartbeatMs * weight(), beat)
  }

  // What could not be written is written with the next one.
  function tryWrite(): Promise<void> {
    return write().catch((error: Error) => log.warn('A heartbeat could not be written', { jobId: job.id, error }))
  }

  // One after the other: an older report must not be written over a newer one.
  function write(): Promise<void> {
    const written = writing.then(writeNow)
    writing = written.catch(() => undefined)
    return written
  }

  async function writeNow() {
    if (over) return
    const begun = awake.now()
    const ms = leaseMs * weight()
    const unwritten = report.unwritten()
    try {
      if (!(await heartbeat(jobs, lease, unwritten, ms, clock.now()))) return lose(TAKEN)
      leaseEnd = begun + ms
      report.markWritten(unwritten)
    } catch (error) {
      // From now on another worker may claim the job: two must not run it.
      if (awake.now() >= leaseEnd) lose('The lease ran out, as the table could not be reached.')
      throw error
    }
  }

  async function look() {
    try {
      if (!(await isLeased(jobs, lease))) return lose(TAKEN)
    } catch (error) {
      // The heartbeat decides what becomes of a run that cannot reach the table.
      log.debug('A look at the job failed', { jobId: job.id, error: error as Error })
    }
    if (!over) stopLook = clock.after(LOOK_MS, look)
  }

  return { write, idle: () => writing, end }
}

const TAKEN = 'The job was cancelled, deleted, or taken over by another worker.'
