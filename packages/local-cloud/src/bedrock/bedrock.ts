import type { Clock } from '../clock.ts'
import type { Handle } from '../service.ts'
import type { ConverseStreamEvent, ModelAnswerer } from './operation.ts'
import { serve } from './protocol.ts'

export interface Bedrock {
  /** Answers POST /model/{id}/converse and /model/{id}/converse-stream, over HTTP/1.1 or HTTP/2. */
  handle: Handle
}

export interface BedrockOptions {
  clock: Clock
  /** Stands where the model stands. */
  answer: ModelAnswerer
  /** Told of each wait for the model, which may be one for the clock. */
  whileWaiting?<T>(wait: Promise<T>): Promise<T>
}

/** Bedrock Runtime as its clients see it. */
export function createBedrock({ clock, answer, whileWaiting }: BedrockOptions): Bedrock {
  if (!whileWaiting) return { handle: serve(answer, clock) }
  return { handle: serve((...asked) => heard(answer(...asked), whileWaiting), clock) }
}

async function* heard(
  events: AsyncIterable<ConverseStreamEvent>,
  whileWaiting: NonNullable<BedrockOptions['whileWaiting']>,
): AsyncIterable<ConverseStreamEvent> {
  const said = events[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await whileWaiting(said.next())
      if (done) return
      yield value
    }
  } finally {
    // Left in the middle: the model need not go on.
    await said.return?.()
  }
}
