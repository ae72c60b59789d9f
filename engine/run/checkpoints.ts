import type { Clock } from '../../sdk/clock.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { Log } from '../log.ts'
import { insisting, untilTaken } from '../retry.ts'
import type { EventTable } from '../store/checkpoints.ts'
import { storeCheckpoint } from '../store/checkpoints.ts'
import type { JobEvents } from './events.ts'
import type { RunReport } from './report.ts'

export interface CheckpointTerms {
  eventTable: EventTable
  /** What the agent goes on from. */
  resumed: unknown
  /** Of the agent that writes them. */
  checkpointFormat: string | undefined
  events: JobEvents
  report: RunReport
  clock: Clock
  random: () => number
  log: Log
  /** Epoch seconds, of the checkpoints. */
  ttl: number
  /** Epoch ms after which no write is tried again; asked after each fault. */
  deadline(): number
  /** Has the row say what was reported. */
  write(): Promise<void>
}

export interface Checkpoints {
  /** Stores where the agent stands, after the checkpoint under way. */
  add(state: string): Promise<void>
  /** Resolves when none is under way. */
  idle(): Promise<void>
}

/** Stores where the agent stands, one checkpoint after the other, and has the row point to the last. */
export function createCheckpoints(job: ClaimedJob, terms: CheckpointTerms): Checkpoints {
  const {
    eventTable,
    resumed,
    checkpointFormat: format,
    events,
    report,
    clock,
    random,
    log,
    ttl,
    deadline,
    write,
  } = terms
  // Here and now: the agent may change what it goes on from.
  const begunWith = resumed === undefined ? undefined : JSON.stringify(resumed)
  let storing = Promise.resolve()

  async function store(state: string) {
    const about = { jobId: job.id, attempt: job.attempt, characters: state.length }
    const seq = events.nextSeq()
    const insist = <T>(call: () => Promise<T>) =>
      untilTaken(call, insisting({ clock, random, log }, { deadline, about }))
    try {
      if (!(await insist(() => storeCheckpoint(eventTable, job, { seq, state, ttl, format }, clock.now())))) {
        return log.warn('A checkpoint is too large, even compressed; the one before stays', about)
      }
      // An agent that comes back to where this run began has got no further, whatever it wrote in between.
      report.set({ checkpointSeq: seq, attempt: state === begunWith ? job.attempt : 1 })
      await insist(write)
    } catch (error) {
      // The agent need not stop for it: at worst, its next worker begins a little earlier.
      log.warn('A checkpoint could not be stored', { ...about, error: error as Error })
    }
  }

  return {
    add(state) {
      storing = storing.then(() => store(state))
      return storing
    },
    idle: () => storing,
  }
}
