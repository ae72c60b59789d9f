import type { Log } from '../lambda/log.ts'
import type { Clock } from './clock.ts'
import { wait } from './clock.ts'

// Somebody else may have the job by then; the token on the row decides.
const INSIST_MS = 60_000
const MAX_WAIT_MS = 10_000

/**
 * Writes what a model was paid for. The SDK gives up on a table within seconds; this does so after a minute, or at `until`
 * (epoch ms) when that is sooner.
 */
export async function insist<T>(
  write: () => Promise<T>,
  { clock, log, until, about }: { clock: Clock; log: Log; until: number; about: object },
): Promise<T> {
  const giveUpAt = Math.min(until, clock.now() + INSIST_MS)
  for (let tried = 1; ; tried++) {
    try {
      return await write()
    } catch (error) {
      const waitMs = Math.min(MAX_WAIT_MS, 250 * 2 ** tried)
      if (clock.now() + waitMs > giveUpAt) throw error
      log.warn('A write is tried again', { ...about, tried, error: error as Error })
      await wait(clock, waitMs)
    }
  }
}
