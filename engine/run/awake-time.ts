import type { Clock } from '../../sdk/clock.ts'

/** A clock that stands still while its machine sleeps: what it measures is the time in which work could be done. */
export interface AwakeTime {
  now(): number
  /** Calls back when the clock went on, or back, and nothing here ran meanwhile. */
  onJump(jumped: () => void): void
  /** No more looks at the clock. */
  end(): void
}

// As often as a run looks at its row, so that no timer more goes off than would anyway.
const TICK_MS = 1_500
// A busy thread is late by seconds; a lid that was closed, a stopped process or a clock that was set, by more.
const JUMP_MS = 10_000

/** Measures time from now on. */
export function awakeTime(clock: Clock): AwakeTime {
  const listeners: (() => void)[] = []
  let seen = clock.now()
  let jumps = 0
  let stop = clock.after(TICK_MS, tick)

  function look(): number {
    const now = clock.now()
    const jump = now - seen - TICK_MS
    seen = now
    if (Math.abs(jump) < JUMP_MS) return now
    jumps += jump
    for (const jumped of listeners) jumped()
    return now
  }

  function tick() {
    stop = clock.after(TICK_MS, tick)
    look()
  }

  // Whichever timer goes off first after a jump asks here: it must not be taken for time that was worked.
  return { now: () => look() - jumps, onJump: (jumped) => void listeners.push(jumped), end: () => stop() }
}
