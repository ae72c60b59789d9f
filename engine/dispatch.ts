import type { Clock } from '../sdk/clock.ts'
import { isoTime } from './clock.ts'
import { MAX_QUEUE_DELAY_MS } from './job/due.ts'
import type { JobPriority } from './job/job.ts'
import { readJob } from './job/read-job.ts'
import type { JobMessage } from './run/run-job.ts'

/** One queue a priority; turns of a session go through one that keeps their order. */
export type QueueName = JobPriority | 'sessions'

export interface Dispatch {
  message: JobMessage
  /** How long the queue keeps the message back; 0 for a turn. */
  delayMs: number
  /** Of a turn: whose order it keeps, and which write of the row it tells of. */
  turn?: { sessionKey: string; writeId: string }
}

/** Puts messages into a queue, in order, and answers with how many it took before the first that it did not take. */
export type Send = (queue: QueueName, dispatches: Dispatch[]) => Promise<number>

/**
 * Puts a message into a queue for each row whose job waits for a worker. Answers with the place of the first row of which
 * that failed; who calls again from there sends some twice, and the claim sorts that out.
 */
export async function dispatchJobs(
  rows: Record<string, unknown>[],
  { send, clock }: { send: Send; clock: Clock },
): Promise<number | undefined> {
  const routed = rows.flatMap((row, place) => {
    const found = route(row, clock.now())
    return found ? { place, ...found } : []
  })
  const queues = new Set(routed.map(({ queue }) => queue))
  const failed = await Promise.all(
    [...queues].map(async (queue) => {
      const waiting = routed.filter((each) => each.queue === queue)
      const taken = await send(
        queue,
        waiting.map(({ dispatch }) => dispatch),
      )
      return waiting[taken]?.place ?? Number.POSITIVE_INFINITY
    }),
  )
  const first = Math.min(...failed)
  return first === Number.POSITIVE_INFINITY ? undefined : first
}

/** Which queue a row's job goes to; none when it does not wait, or when its start is too far away for a queue. */
function route(row: Record<string, unknown>, now: number): { queue: QueueName; dispatch: Dispatch } | undefined {
  if (row.status !== 'PENDING') return undefined
  const job = readJob(row, isoTime(now))
  const message = { id: job.id, queryType: job.queryType }
  const delayMs = job.runAt ? Math.max(0, Date.parse(job.runAt) - now) : 0
  if (delayMs > MAX_QUEUE_DELAY_MS) return undefined
  // A queue that keeps an order takes no delay per message, so a turn with a later start waits in its priority's queue.
  if (delayMs > 0 || !job.sessionKey) return { queue: job.priority, dispatch: { message, delayMs } }
  const turn = { sessionKey: job.sessionKey, writeId: `${job.id}#${job.version}` }
  return { queue: 'sessions', dispatch: { message, delayMs, turn } }
}
