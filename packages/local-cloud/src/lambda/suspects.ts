import type { Clock } from '../clock.ts'

const SUSPECT_MS = 10 * 60_000

/** The events whose environment ended under them: one of them was to blame, so each runs alone when it comes again. */
export class Suspects {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(event: string): void {
    for (const [key, until] of this.#until) if (until <= this.#clock.now()) this.#until.delete(key)
    for (const key of keysOf(event)) this.#until.set(key, this.#clock.now() + SUSPECT_MS)
  }

  /** Resolves when no run of the same message, which may have been sent twice, is under way: then nothing may be left to do. */
  async untilNoTwin(event: string): Promise<void> {
    const key = this.#running.size > 0 && keysOf(event)[0]
    while (key && this.#running.has(key)) await this.#running.get(key)
  }

  /** Follows the run of an event alone; one that ended well is no suspect any more. */
  follow(event: string, run: Promise<{ failed: boolean }>): void {
    const [key = ''] = keysOf(event)
    const over = run.then(({ failed }) => {
      this.#running.delete(key)
      if (!failed) for (const each of keysOf(event)) this.#until.delete(each)
    })
    this.#running.set(key, over)
  }

  has(event: string): boolean {
    if (this.#until.size === 0) return false
    return keysOf(event).some((key) => (this.#until.get(key) ?? 0) > this.#clock.now())
  }
}

/** A message is known again by its body: its id changes when it is sent anew, and its receipt each time it comes. */
function keysOf(event: string): string[] {
  const { Records } = (JSON.parse(event) ?? {}) as { Records?: { body?: unknown }[] }
  const bodies = Array.isArray(Records) ? Records.map((record) => record?.body) : []
  return bodies.length > 0 && bodies.every((body) => typeof body === 'string') ? (bodies as string[]) : [event]
}
