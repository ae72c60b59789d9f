import { ManualClock } from '../src/clock.ts'

/** A clock that a test moves, and that tells when a timer has been set for it to move over. */
export class WatchedClock extends ManualClock {
  #timers = new Set<{ ms: number }>()
  #changed = Promise.withResolvers<void>()

  override after(ms: number, callback: () => void): () => void {
    const timer = { ms }
    const forget = () => {
      this.#timers.delete(timer)
      this.#tell()
    }
    this.#timers.add(timer)
    this.#tell()
    const cancel = super.after(ms, () => {
      forget()
      callback()
    })
    return () => {
      forget()
      cancel()
    }
  }

  /** Resolves when somebody waits for `ms` milliseconds. */
  untilTimer(ms: number): Promise<void> {
    return this.#until(() => [...this.#timers].some((timer) => timer.ms === ms))
  }

  /** Resolves when nobody waits for `ms` milliseconds. */
  untilNoTimer(ms: number): Promise<void> {
    return this.#until(() => [...this.#timers].every((timer) => timer.ms !== ms))
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#changed.promise
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
