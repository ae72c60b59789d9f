import type { Clock } from '../sdk/clock.ts'
import { RetryLater } from '../sdk/failures.ts'
import { wait } from './clock.ts'
import type { Log } from './log.ts'

export interface Tries {
  clock: Clock
  /** From 0 to 1; spreads the tries of many that wait for one thing. */
  random: () => number
  /** Which faults pass by themselves; RetryLater unless given. */
  isPassing?: (fault: unknown) => boolean
  /** How often in all. */
  tries?: number
  /** Epoch ms after which no try is begun; asked after each fault, as it may have come nearer. */
  until?: () => number
  /** Told of each fault that is followed by another try. */
  onFault?: (fault: Error, tried: number) => void
}

const FIRST_WAIT_MS = 200
const MAX_WAIT_MS = 5_000

/** Calls until the call is taken, a little later each time. Throws its last fault when that passes not, or not in time. */
export async function untilTaken<T>(call: () => Promise<T>, terms: Tries): Promise<T> {
  const { clock, random, isPassing = isRetryLater, tries = Number.POSITIVE_INFINITY, until, onFault } = terms
  for (let tried = 1; ; tried++) {
    try {
      return await call()
    } catch (fault) {
      if (!isPassing(fault) || tried >= tries) throw fault
      const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (tried - 1)) * (0.5 + random() / 2)
      if (until && clock.now() + waitMs > until()) throw fault
      onFault?.(fault as Error, tried)
      await wait(clock, waitMs)
    }
  }
}

function isRetryLater(fault: unknown): boolean {
  return fault instanceof RetryLater
}

// Somebody else may have the job by then; the token on the row decides.
const INSIST_MS = 60_000

/**
 * How to write what a model was paid for. The SDK gives up on a table within seconds; this does so after a minute, or at
 * `deadline` (epoch ms, asked after each fault) when that is sooner.
 */
export function insisting(
  { clock, random, log }: { clock: Clock; random: () => number; log: Log },
  { deadline, about }: { deadline: () => number; about: Record<string, unknown> },
): Tries {
  const giveUpAt = clock.now() + INSIST_MS
  return {
    clock,
    random,
    isPassing: () => true,
    until: () => Math.min(deadline(), giveUpAt),
    onFault: (error, tried) => log.warn('A write is tried again', { ...about, tried, error }),
  }
}
