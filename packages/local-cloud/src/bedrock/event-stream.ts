import { EventStreamCodec } from '@smithy/core/event-streams'
import type { AwsError } from '../aws-error.ts'
import type { ConverseStreamEvent } from './operation.ts'

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
export function exceptionFrame(error: AwsError): Uint8Array {
  const name = STREAM_EXCEPTIONS.includes(error.code) ? error.code : 'ModelStreamErrorException'
  const type = name.charAt(0).toLowerCase() + name.slice(1)
  const payload = { message: error.message, originalStatusCode: error.status }
  return frame({ ':exception-type': type, ':message-type': 'exception' }, payload)
}

function frame(headers: Record<string, string>, payload: unknown): Uint8Array {
  const entries = Object.entries({ ...headers, ':content-type': 'application/json' })
  return codec.encode({
    headers: Object.fromEntries(entries.map(([name, value]) => [name, { type: 'string' as const, value }])),
    body: Buffer.from(JSON.stringify(payload), 'utf8'),
  })
}
