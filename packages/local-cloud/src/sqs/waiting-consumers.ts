import type { Clock } from '../clock.ts'
import { wireRequest } from './operation.ts'

/** The consumers that wait for a queue to have messages. */
export class WaitingConsumers {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves at the next `wake`, after `seconds`, or when `signal` is aborted. */
  wait(seconds?: number, signal = wireRequest.getStore()?.signal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        this.#waiting.delete(wake)
        cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const cancel = seconds === undefined ? () => {} : this.#clock.after(seconds * 1000, wake)
      this.#waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
