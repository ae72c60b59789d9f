import type { Clock } from '../../sdk/clock.ts'
import type { AwakeTime } from './awake-time.ts'
import { RunStopped } from './stopped.ts'

// Left of the worker's time to flush the events and write how the job ended.
const WRITE_MS = 10_000

export interface TimeTerms {
  clock: Clock
  awake: AwakeTime
  timeoutMs: number
  /** Milliseconds that the attempt ran in earlier slices. */
  earlierMs: number
  /** Of the worker. */
  remainingMs: number
  stop(reason: RunStopped): void
}

/** Stops a run when the job's time or its worker's is over, whichever is first; the returned function lets it run. */
export function stopInTime({ clock, awake, timeoutMs, earlierMs, remainingMs, stop }: TimeTerms): () => void {
  const started = awake.now()
  const leftMs = () => Math.max(0, timeoutMs - earlierMs - (awake.now() - started))
  const timedOut = () => {
    // A timer that comes after a sleep says nothing of how long the job has worked.
    if (leftMs() > 0) cancelTimeout = clock.after(leftMs(), timedOut)
    else stop(new RunStopped('TIMEOUT', `The job was stopped at its time-out of ${timeoutMs / 1000} s.`))
  }
  let cancelTimeout = clock.after(leftMs(), timedOut)
  const sliceMs = Math.max(0, remainingMs - WRITE_MS)
  const message = `The job was stopped after ${Math.round(sliceMs / 1000)} s, as the time of its worker ends; its time-out is ${timeoutMs / 1000} s.`
  // The host ends the worker by a timer of its own, which sleeps and wakes with this one.
  const cancelSlice =
    leftMs() <= sliceMs ? () => undefined : clock.after(sliceMs, () => stop(new RunStopped('SLICE', message)))
  return () => {
    cancelTimeout()
    cancelSlice()
  }
}
