/** A source of time; whoever needs one takes it as an argument, so that who runs it may move it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `callback` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
}

// As they are at the start: an agent that replaces a global must not stop the time of the runs beside it.
const { setTimeout, clearTimeout } = globalThis
const { now } = Date

export const systemClock: Clock = {
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
