import { EventStreamCodec } from '@smithy/core/event-streams'
import type { BedrockError } from './bedrock-error.ts'
import type { ConverseBody } from './converse-body.ts'

export type BlockDelta = { text: string } | { toolUse: { input: string } } | { reasoningContent: { text: string } }

/** One event of an answer, keyed as in ConverseStream. Text blocks have no start event: their first delta opens them. */
export type ConverseStreamEvent =
  | { messageStart: { role: 'assistant' } }
  | { contentBlockStart: { contentBlockIndex: number; start: { toolUse: { toolUseId: string; name: string } } } }
  | { contentBlockDelta: { contentBlockIndex: number; delta: BlockDelta } }
  | { contentBlockStop: { contentBlockIndex: number } }
  | { messageStop: { stopReason: string } }
  | { metadata: { usage: TokenUsage; metrics?: { latencyMs: number } } }

export interface TokenUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
}

/** What stands behind the local Bedrock: given a request it writes the events of the answer, or throws a BedrockError. */
export type ModelAnswerer = (
  request: ConverseBody,
  modelId: string,
  signal: AbortSignal,
) => AsyncIterable<ConverseStreamEvent>

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

/** The frame of one event. */
export function eventFrame(event: ConverseStreamEvent): Uint8Array {
  const [type, payload] = Object.entries(event)[0] as [string, unknown]
  return frame({ ':event-type': type, ':message-type': 'event' }, payload)
}

// Only these are members of the stream; any other name would reach the client as an error it cannot name.
const STREAM_EXCEPTIONS = [
  'InternalServerException',
  'ModelStreamErrorException',
  'ValidationException',
  'ThrottlingException',
  'ServiceUnavailableException',
]

/** The frame that ends a stream after its head is out: the status can no longer tell of the error. */
export function exceptionFrame(error: BedrockError): Uint8Array {
  const name = STREAM_EXCEPTIONS.includes(error.name) ? error.name : 'ModelStreamErrorException'
  const type = name.charAt(0).toLowerCase() + name.slice(1)
  const payload = { message: error.message, originalStatusCode: error.statusCode }
  return frame({ ':exception-type': type, ':message-type': 'exception' }, payload)
}

function frame(headers: Record<string, string>, payload: unknown): Uint8Array {
  const entries = Object.entries({ ...headers, ':content-type': 'application/json' })
  return codec.encode({
    headers: Object.fromEntries(entries.map(([name, value]) => [name, { type: 'string' as const, value }])),
    body: Buffer.from(JSON.stringify(payload), 'utf8'),
  })
}
