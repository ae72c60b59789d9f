import type { Clock } from '../clock.ts'

const STEPS = 10
/** A timer that is so late was held up together with all else here, the reading of the answer too. */
const LATE_MS = 1_000

interface Silence {
  signal: AbortSignal
  /** Something was heard. */
  broken(): void
  end(): void
}

/**
 * A signal that is aborted when nothing was heard for `seconds` in which this process was awake. A laptop that slept and a
 * Lambda that was frozen say nothing about the model, and what came meanwhile is still in the socket: so silence is
 * measured in steps, and a step that took too long does not count.
 */
export function watchSilence(clock: Clock, seconds: number | undefined, reason: () => Error): Silence {
  const abort = new AbortController()
  const stepMs = ((seconds ?? 0) * 1000) / STEPS
  let silent = 0
  let stop = () => {}

  function step() {
    const due = clock.now() + stepMs
    stop = clock.after(stepMs, () => {
      if (clock.now() - due <= LATE_MS) silent++
      if (silent < STEPS) step()
      else abort.abort(reason())
    })
  }

  if (seconds) step()
  return {
    signal: abort.signal,
    broken() {
      if (!seconds) return
      stop()
      silent = 0
      step()
    },
    end: () => stop(),
  }
}
