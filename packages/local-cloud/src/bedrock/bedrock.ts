import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { BedrockError } from './bedrock-error.ts'
import { parseConverseBody } from './converse-body.ts'
import { collectReply } from './converse-reply.ts'
import { type ConverseStreamEvent, eventFrame, exceptionFrame, type ModelAnswerer } from './converse-stream-event.ts'

export interface Bedrock {
  /** Answers POST /model/{id}/converse and /model/{id}/converse-stream, over HTTP/1.1 or HTTP/2. */
  handle(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void>
}

const ROUTE = /^\/model\/([^/]+)\/(converse|converse-stream)$/

export interface BedrockOptions {
  clock: Clock
  /** Stands where the model stands. */
  answer: ModelAnswerer
  /** Told of each wait for the model, which may be one for the clock. */
  whileWaiting?<T>(wait: Promise<T>): Promise<T>
}

/** Bedrock Runtime as its clients see it. */
export function createBedrock({ clock, answer, whileWaiting }: BedrockOptions): Bedrock {
  return {
    async handle(req, res, body) {
      const started = clock.now()
      const latencyMs = () => clock.now() - started
      // The client hung up: a job was cancelled, and nobody should pay for words that nobody reads.
      const hangUp = new AbortController()
      res.on('close', () => {
        if (!res.writableEnded) hangUp.abort(new Error('the client closed the connection'))
      })
      try {
        const { modelId, stream } = route(req)
        const said = answer(parseConverseBody(body), modelId, hangUp.signal)
        const events = whileWaiting ? heard(said, whileWaiting) : said
        if (stream) await sendStream(res, events, latencyMs, hangUp.signal)
        else sendJson(res, 200, await collectReply(events, latencyMs))
      } catch (error) {
        if (!hangUp.signal.aborted) sendError(res, toBedrockError(error))
      }
    },
  }
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

function route(req: IncomingMessage): { modelId: string; stream: boolean } {
  const path = (req.url ?? '').split('?', 1)[0] ?? ''
  const [, modelId, operation] = (req.method === 'POST' && ROUTE.exec(path)) || []
  if (modelId && operation) return { modelId: decodeURIComponent(modelId), stream: operation === 'converse-stream' }
  throw new BedrockError(
    'UnknownOperationException',
    `${req.method} ${path} is not emulated. The local Bedrock Runtime knows POST /model/{modelId}/converse and /converse-stream.`,
  )
}

/** Sends the head only when the first event is there, so that an early error still has an HTTP status of its own. */
async function sendStream(
  res: ServerResponse,
  events: AsyncIterable<ConverseStreamEvent>,
  latencyMs: () => number,
  signal: AbortSignal,
) {
  try {
    for await (const event of events) {
      if (signal.aborted) return
      if (!res.headersSent) writeHead(res, 200, 'application/vnd.amazon.eventstream')
      const full = !res.write(eventFrame(withMetrics(event, latencyMs)))
      if (full) await once(res, 'drain', { signal })
    }
  } catch (error) {
    if (!res.headersSent || signal.aborted) throw error
    res.write(exceptionFrame(toBedrockError(error)))
  }
  res.end()
}

function withMetrics(event: ConverseStreamEvent, latencyMs: () => number): ConverseStreamEvent {
  if (!('metadata' in event) || event.metadata.metrics) return event
  return { metadata: { ...event.metadata, metrics: { latencyMs: latencyMs() } } }
}

function sendError(res: ServerResponse, error: BedrockError) {
  res.setHeader('x-amzn-errortype', error.name)
  if (error.retryAfterSeconds) res.setHeader('retry-after', String(error.retryAfterSeconds))
  sendJson(res, error.statusCode, { message: error.message })
}

function sendJson(res: ServerResponse, status: number, payload: unknown) {
  writeHead(res, status, 'application/json')
  res.end(JSON.stringify(payload))
}

function writeHead(res: ServerResponse, status: number, contentType: string) {
  res.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': randomUUID() })
}

function toBedrockError(error: unknown): BedrockError {
  if (error instanceof BedrockError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new BedrockError('InternalServerException', `The local model failed: ${message}`, { cause: error })
}
