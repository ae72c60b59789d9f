/**
 * When the sweep looks at a job that waits. The resolvers, which create and retry jobs, read this as well as the engine
 * does: so it is written in AppSync's JavaScript, which has no charCodeAt and no `for (;;)`.
 */

/** The sweep's index is spread over this many keys. */
export const DUE_SHARDS = 8

/** How long a job may stay PENDING before the sweep wonders whether its message was lost. */
export const PATIENCE_MS = 300_000

/** SQS delays a message by at most 15 minutes. */
export const MAX_QUEUE_DELAY_MS = 900_000

// The sweep runs each minute; the second one is for it to be late.
const SWEEP_ROOM_MS = 120_000

const ID_LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-'

/** Spreads the sparse index over partitions, as all due times of a busy minute would fall into one. */
export function dueShard(id: string): number {
  return id.split('').reduce((sum, letter) => sum + ID_LETTERS.indexOf(letter) + 1, 0) % DUE_SHARDS
}

/** When to look at a job that waits until `runAt`; early enough to hand a far start to the queue's delay. */
export function dueAtForStart(runAt: number, now: number): number {
  if (runAt - now > MAX_QUEUE_DELAY_MS) return runAt - MAX_QUEUE_DELAY_MS + SWEEP_ROOM_MS
  return Math.max(runAt, now) + PATIENCE_MS
}

/** How long a session's item lives after a turn came in: longer than the latest start that a turn may ask for, a year away. */
export const SESSION_TTL_SECONDS = 400 * 86_400
