import type { Clock } from '../clock.ts'

const windowMs = 5 * 60 * 1000

interface Sent {
  messageId: string
  sequenceNumber: string | undefined
  at: number
}

/** Which messages a FIFO queue took in the last five minutes, by deduplication id. */
export class Deduplication {
  readonly #clock: Clock
  readonly #sent = new Map<string, Sent>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(id: string): Sent | undefined {
    this.#forgetOld()
    return this.#sent.get(id)
  }

  record(id: string, messageId: string, sequenceNumber: string | undefined): void {
    this.#sent.set(id, { messageId, sequenceNumber, at: this.#clock.now() })
  }

  #forgetOld(): void {
    const oldest = this.#clock.now() - windowMs
    for (const [id, { at }] of this.#sent) {
      if (at > oldest) return
      this.#sent.delete(id)
    }
  }
}
