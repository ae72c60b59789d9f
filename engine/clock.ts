import type { Clock } from '../sdk/clock.ts'

export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve)
  })
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
