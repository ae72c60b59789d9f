import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { DynamoDbError, toDynamoDbError } from './errors.ts'

export type Call = (operation: string, input: Record<string, unknown>) => Promise<Record<string, unknown>>
export type Handle = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>

const maxBytes = 16 * 1024 * 1024

/** DynamoDB's JSON protocol, and that of DynamoDB Streams, in front of `call`. */
export function serve(call: Call, region: string): Handle {
  return async (request, response, body) => {
    if (request.method === 'GET') {
      response.end(`healthy: dynamodb.${region}.amazonaws.com `)
      return
    }
    try {
      const { operation, input } = read(request, body)
      respond(response, 200, await call(operation, input))
    } catch (cause) {
      const error = toDynamoDbError(cause)
      respond(response, error.statusCode, error.body)
    }
  }
}

function read({ headers, method, url = '' }: IncomingMessage, body: Buffer) {
  if (method !== 'POST') throw coral('UnknownOperationException', `The method must be POST, got ${method}`)
  if (body.length > maxBytes) throw coral('RequestEntityTooLarge', `The request is over ${maxBytes} bytes`, 413)
  const target = String(headers['x-amz-target'] ?? '')
  const [, operation] = /^(?:DynamoDB|DynamoDBStreams)_20120810\.(\w+)$/.exec(target) ?? []
  if (!operation) {
    throw coral(
      'UnknownOperationException',
      `The header x-amz-target must be like DynamoDB_20120810.GetItem, got ${target}`,
    )
  }
  // Who signed does not matter here, but code that forgets to sign should fail as it would on AWS.
  if (!headers.authorization && !url.includes('X-Amz-Algorithm=')) {
    throw coral('MissingAuthenticationTokenException', 'Request is missing Authentication Token')
  }
  try {
    return { operation, input: JSON.parse(body.toString()) }
  } catch (cause) {
    throw coral('SerializationException', `The body must be JSON: ${(cause as Error).message}`)
  }
}

function coral(name: string, message: string, statusCode = 400): DynamoDbError {
  return new DynamoDbError({ __type: `com.amazon.coral.service#${name}`, message }, statusCode)
}

/** Answers with `output` as JSON, and what AWS's SDKs look for around it. */
export function respond(response: ServerResponse, statusCode: number, output: object): void {
  const body = Buffer.from(JSON.stringify(output))
  response.writeHead(statusCode, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': body.length,
    'x-amz-crc32': crc32(body),
    'x-amzn-requestid': randomBytes(26).toString('hex').toUpperCase(),
  })
  response.end(body)
}
