import { type Clock, sleep, systemClock } from '../clock.ts'
import type { ModelAnswerer } from './converse-stream-event.ts'

/** A model that thinks for `ms` before its first word: what `answer` says, later. */
export function delayed(answer: ModelAnswerer, ms: number, clock: Clock = systemClock): ModelAnswerer {
  return async function* later(request, modelId, signal) {
    await sleep(clock, ms, signal)
    yield* answer(request, modelId, signal)
  }
}
