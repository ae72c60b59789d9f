import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from '../aws-error.ts'
import type { Clock } from '../clock.ts'
import type { Handle } from '../service.ts'
import { bedrockError } from './bedrock-error.ts'
import { parseConverseBody } from './converse-body.ts'
import { eventFrame, exceptionFrame } from './event-stream.ts'
import type { ConverseStreamEvent, ModelAnswerer } from './operation.ts'
import { converse, withLatency } from './operations.ts'

const ROUTE = /^\/model\/([^/]+)\/(converse|converse-stream)$/

/** Bedrock Runtime's REST API: one operation answers in JSON, the other in frames of an event stream. */
export function serve(answer: ModelAnswerer, clock: Clock): Handle {
  return async (request, response, body) => {
    const started = clock.now()
    const latencyMs = () => clock.now() - started
    // The client hung up: nobody should pay for words that nobody reads.
    const hangUp = new AbortController()
    response.on('close', () => {
      if (!response.writableEnded) hangUp.abort(new Error('the client closed the connection'))
    })
    try {
      const { modelId, stream } = route(request)
      const events = answer(parseConverseBody(body), modelId, hangUp.signal)
      if (stream) await sendStream(response, events, latencyMs, hangUp.signal)
      else sendJson(response, 200, await converse(events, latencyMs))
    } catch (error) {
      if (!hangUp.signal.aborted) sendError(response, asAwsError(error))
    }
  }
}

function route(request: IncomingMessage): { modelId: string; stream: boolean } {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const [, modelId, operation] = (request.method === 'POST' && ROUTE.exec(path)) || []
  if (modelId && operation) return { modelId: decodeURIComponent(modelId), stream: operation === 'converse-stream' }
  throw bedrockError(
    'UnknownOperationException',
    `${request.method} ${path} is not emulated. The local Bedrock Runtime knows POST /model/{modelId}/converse and /converse-stream.`,
  )
}

/** Sends the head only when the first event is there, so that an early error still has an HTTP status of its own. */
async function sendStream(
  response: ServerResponse,
  events: AsyncIterable<ConverseStreamEvent>,
  latencyMs: () => number,
  signal: AbortSignal,
) {
  try {
    for await (const event of events) {
      if (signal.aborted) return
      if (!response.headersSent) writeHead(response, 200, 'application/vnd.amazon.eventstream')
      const full = !response.write(eventFrame(withLatency(event, latencyMs)))
      if (full) await once(response, 'drain', { signal })
    }
  } catch (error) {
    if (!response.headersSent || signal.aborted) throw error
    response.write(exceptionFrame(asAwsError(error)))
  }
  response.end()
}

function sendError(response: ServerResponse, { code, message, retryAfterSeconds, status }: AwsError) {
  response.setHeader('x-amzn-errortype', code)
  if (retryAfterSeconds) response.setHeader('retry-after', String(retryAfterSeconds))
  sendJson(response, status, { message })
}

function sendJson(response: ServerResponse, status: number, payload: unknown) {
  writeHead(response, status, 'application/json')
  response.end(JSON.stringify(payload))
}

function writeHead(response: ServerResponse, status: number, contentType: string) {
  response.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': randomUUID() })
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  const message = error instanceof Error ? error.message : String(error)
  return bedrockError('InternalServerException', `The local model failed: ${message}`, { cause: error })
}
