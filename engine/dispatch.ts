import type { Clock } from '../sdk/clock.ts'
import { PermanentFailure, type RetryLater } from '../sdk/failures.ts'
import { isoTime } from './clock.ts'
import { MAX_QUEUE_DELAY_MS } from './job/due.ts'
import type { Job, JobPriority } from './job/job.ts'
import { jobPriorities } from './job/job.ts'
import { notDispatched } from './job/job-errors.ts'
import { readJob } from './job/read-job.ts'
import type { Log } from './log.ts'
import type { JobMessage } from './run/run-job.ts'
import { nextTurn, type TurnChanged } from './sessions.ts'
import type { SessionTable } from './store/sessions.ts'
import { setAside } from './store/set-aside.ts'
import type { JobTable } from './store/write.ts'

export interface Dispatch {
  message: JobMessage
  /** How long the queue keeps the message back. */
  delayMs: number
  /** Whose job it is: owners share a queue fairly. */
  owner?: string
}

/** What became of a message: taken; refused for good, as nothing but another message would be taken; or not taken yet. */
export type Sent = 'taken' | PermanentFailure | RetryLater

/** Puts messages into the queue of a priority, and answers what became of each, in their order. */
export type Send = (queue: JobPriority, dispatches: Dispatch[]) => Promise<Sent[]>

export interface Dispatcher {
  jobs: JobTable
  sessionTable: SessionTable
  send: Send
  clock: Clock
  log: Log
}

/** One change of the table, as its stream tells of it. */
export interface JobChanged {
  id: string
  /** As it is now, or as it was before it went. */
  row: Record<string, unknown>
  isGone: boolean
}

/** A job that goes to its queue, and the places of the changes that it answers. */
interface Departure {
  job: Job
  places: number[]
}

// An agent's name has 64 letters: a longer one names none, and the worker reads it from the row.
const MAX_NAME_CHARS = 64
const CONCURRENT_SESSIONS = 25

/**
 * Puts a message into a queue for each job that waits for a worker, and of a session for its next turn alone. A job whose
 * message is refused for good ends with the reason. Answers with the places of the changes that must come again, because
 * something was out of reach; all others are done with. One that comes twice or late may send twice: the claim sorts it out.
 */
export async function dispatchJobs(changes: JobChanged[], dispatcher: Dispatcher): Promise<number[]> {
  const { departures, sessions } = sortOut(changes, dispatcher.clock.now())
  const failed: number[] = []
  const waiting = [...sessions]

  async function lookAtSessions() {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [sessionKey, turns] = next
      const places = turns.map(({ place }) => place)
      try {
        const job = await nextTurn(sessionKey, turns, dispatcher)
        if (job) departures.push({ job, places })
      } catch (fault) {
        if (!(await refuseTurns(turns, fault as Error, dispatcher))) failed.push(...places)
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT_SESSIONS }, lookAtSessions))
  return [...failed, ...(await depart(departures, dispatcher))]
}

/** Which jobs go to their queues as they are, and which turns of which session have changed. */
function sortOut(changes: JobChanged[], now: number) {
  const departures: Departure[] = []
  const sessions = new Map<string, (TurnChanged & { place: number })[]>()
  for (const [place, { id, row, isGone }] of changes.entries()) {
    const waits = !isGone && row.status === 'PENDING'
    const { sessionKey } = row
    if (typeof sessionKey === 'string' && sessionKey !== '') {
      const turns = sessions.get(sessionKey) ?? []
      sessions.set(sessionKey, turns)
      turns.push({ id, waits, place })
    } else if (waits) departures.push({ job: readJob(row, isoTime(now)), places: [place] })
  }
  return { departures, sessions }
}

/** Sends the messages, and answers with the places of those that must come again. */
async function depart(departures: Departure[], dispatcher: Dispatcher): Promise<number[]> {
  const now = dispatcher.clock.now()
  const near = departures.flatMap(({ job, places }) => {
    const dispatch = dispatchOf(job, now)
    return dispatch ? [{ job, places, dispatch }] : []
  })
  const failed = jobPriorities.map(async (queue) => {
    const waiting = near.filter(({ job }) => job.priority === queue)
    if (waiting.length === 0) return []
    const sent = await dispatcher.send(
      queue,
      waiting.map(({ dispatch }) => dispatch),
    )
    const left = waiting.map(async ({ job, places }, index) =>
      (await isDone(job.id, sent[index], dispatcher)) ? [] : places,
    )
    return (await Promise.all(left)).flat()
  })
  return (await Promise.all(failed)).flat()
}

/** None for a start that is too far away for a queue: the sweep brings the job back when it is near. */
function dispatchOf({ id, owner, queryType, sessionKey, runAt }: Job, now: number): Dispatch | undefined {
  const delayMs = runAt ? Math.max(0, Date.parse(runAt) - now) : 0
  if (delayMs > MAX_QUEUE_DELAY_MS) return undefined
  const message = { id, queryType: queryType.length > MAX_NAME_CHARS ? undefined : queryType, sessionKey }
  return { message, delayMs, owner }
}

async function isDone(id: string, sent: Sent | undefined, dispatcher: Dispatcher): Promise<boolean> {
  return sent === 'taken' || (sent instanceof PermanentFailure && refuse(id, sent, dispatcher))
}

/** The table takes no such session: its key or its list, which somebody wrote by hand, is none. No retry mends it. */
async function refuseTurns(turns: TurnChanged[], fault: Error, dispatcher: Dispatcher): Promise<boolean> {
  if (fault.name !== 'ValidationException') {
    dispatcher.log.error('A session is out of reach', { jobs: turns.map(({ id }) => id), error: fault })
    return false
  }
  const ids = new Set(turns.filter(({ waits }) => waits).map(({ id }) => id))
  const refused = await Promise.all([...ids].map((id) => refuse(id, fault, dispatcher)))
  return refused.every(Boolean)
}

/** Ends the job with the reason. False when the table is out of reach. */
async function refuse(id: string, fault: Error, { jobs, clock, log }: Dispatcher): Promise<boolean> {
  try {
    const ended = await setAside(jobs, id, notDispatched(fault), clock.now())
    log.error('A job can never be put into its queue', { jobId: id, ended, error: fault })
    return true
  } catch (error) {
    log.error('A job that was refused could not be ended', { jobId: id, error: error as Error })
    return false
  }
}
