import type { Clock } from '../clock.ts'
import type { Message } from './message.ts'

/** One timer for each message at most: until its delay is over, or its visibility timeout. */
export class MessageTimers {
  readonly #clock: Clock
  readonly #cancel = new Map<Message, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(message: Message, ms: number, callback: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#cancel.delete(message)
      callback()
    })
    this.#cancel.set(message, cancel)
  }

  clear(message: Message): void {
    this.#cancel.get(message)?.()
    this.#cancel.delete(message)
  }

  clearAll(): void {
    for (const cancel of this.#cancel.values()) cancel()
    this.#cancel.clear()
  }
}
