import type { Clock } from '../clock.ts'

const SUSPECT_MS = 10 * 60_000

/** The events whose environment ended under them: one of them was to blame, so each runs alone when it comes again. */
export class Suspects {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(event: string): void {
    for (const [key, until] of this.#until) if (until <= this.#clock.now()) this.#until.delete(key)
    for (const key of keysOf(event)) this.#until.set(key, this.#clock.now() + SUSPECT_MS)
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
