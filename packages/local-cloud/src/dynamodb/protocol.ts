import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { AwsError } from '../aws-error.ts'
import type { Handle } from '../service.ts'
import type { Call } from './contract.ts'
import { asAwsError } from './errors.ts'

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
      refuse(response, asAwsError(cause))
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

function coral(code: string, message: string, status = 400): AwsError {
  return new AwsError(code, status, message)
}

/** Whose exception it is: the tables', or that of the framework in front of them, which has refused the request itself. */
const namespaces: Record<string, string> = {
  MissingAuthenticationTokenException: 'com.amazon.coral.service',
  RequestEntityTooLarge: 'com.amazon.coral.service',
  SerializationException: 'com.amazon.coral.service',
  UnknownOperationException: 'com.amazon.coral.service',
  ValidationException: 'com.amazon.coral.validate',
}

export function refuse(response: ServerResponse, { code, members, message, status }: AwsError): void {
  const namespace = namespaces[code] ?? 'com.amazonaws.dynamodb.v20120810'
  respond(response, status, { __type: `${namespace}#${code}`, message, ...members })
}

/** Answers with `output` as JSON, and what AWS's SDKs look for around it. */
function respond(response: ServerResponse, status: number, output: object): void {
  const body = Buffer.from(JSON.stringify(output))
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': body.length,
    'x-amz-crc32': crc32(body),
    'x-amzn-requestid': randomBytes(26).toString('hex').toUpperCase(),
  })
  response.end(body)
}
