import type { ServerResponse } from 'node:http'
import { AwsError } from '../aws-error.ts'
import type { Handle } from '../service.ts'
import type { CognitoState, Operation } from './operation.ts'
import { initiateAuth } from './operations.ts'

const operations: Record<string, Operation> = { InitiateAuth: initiateAuth }

const TARGET = 'AWSCognitoIdentityProviderService.'

const preflight = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'content-type, x-amz-target, x-amz-user-agent, cache-control, amz-sdk-invocation-id, amz-sdk-request',
}

/** Cognito's JSON protocol, open to browsers, and the public key at /<poolId>/.well-known/jwks.json. */
export function serve(state: CognitoState): Handle {
  return async (request, response, body) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, preflight)
      response.end()
      return
    }
    try {
      if (request.method === 'GET') return sendKeys(state, request.url ?? '', response)
      send(response, 200, await run(state, String(request.headers['x-amz-target'] ?? ''), body))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const { code, message, status } = error
      send(response, status, { __type: code, message }, { 'x-amzn-errortype': code })
    }
  }
}

function run(state: CognitoState, target: string, body: Buffer): Promise<object> {
  const name = target.replace(TARGET, '')
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
  if (!operation) {
    const known = Object.keys(operations).join(', ')
    const message = `Cognito answers ${known} locally, got ${name || 'no x-amz-target'}`
    throw new AwsError('UnknownOperationException', 400, message)
  }
  return operation(state, parse(body))
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new AwsError('SerializationException', 400, (error as Error).message)
  }
}

function sendKeys({ key, pools }: CognitoState, url: string, response: ServerResponse): void {
  const poolId = /^\/([^/]+)\/\.well-known\/jwks\.json/.exec(url)?.[1]
  if (!poolId || !pools.has(poolId)) {
    throw new AwsError('ResourceNotFoundException', 400, `User pool ${poolId} does not exist.`)
  }
  send(response, 200, { keys: [key.publicJwk] }, { 'content-type': 'application/json' })
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    ...headers,
  })
  response.end(JSON.stringify(body))
}
