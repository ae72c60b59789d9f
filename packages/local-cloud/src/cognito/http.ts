import type { IncomingMessage, ServerResponse } from 'node:http'
import { CognitoError, initiateAuth } from './initiate-auth.ts'
import type { SigningKey } from './signing-key.ts'
import type { Tokens } from './tokens.ts'
import type { UserPools } from './user-pools.ts'

export interface CognitoParts {
  key: SigningKey
  pools: UserPools
  tokens: Tokens
}

const TARGET = 'AWSCognitoIdentityProviderService.'

function send(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'access-control-allow-origin': '*',
    ...headers,
  })
  res.end(JSON.stringify(body))
}

function refuse(res: ServerResponse, { name, message }: CognitoError): void {
  send(res, 400, { __type: name, message }, { 'x-amzn-errortype': name })
}

const preflight = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, x-amz-target, x-amz-user-agent, cache-control, amz-sdk-invocation-id, amz-sdk-request',
}

function jwks(res: ServerResponse, url: string, { key, pools }: CognitoParts): void {
  const poolId = /^\/([^/]+)\/\.well-known\/jwks\.json/.exec(url)?.[1]
  if (!poolId || !pools.has(poolId)) {
    refuse(res, new CognitoError('ResourceNotFoundException', `User pool ${poolId} does not exist.`))
    return
  }
  send(res, 200, { keys: [key.publicJwk] }, { 'content-type': 'application/json' })
}

/** The operations of Cognito's JSON protocol that run here, and the public key. */
export function createCognitoHandler(parts: CognitoParts) {
  return async (req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> => {
    if (req.method === 'OPTIONS') {
      res.writeHead(204, preflight)
      res.end()
      return
    }
    if (req.method === 'GET') return jwks(res, req.url ?? '', parts)
    const operation = String(req.headers['x-amz-target'] ?? '').replace(TARGET, '')
    try {
      if (operation !== 'InitiateAuth') {
        throw new CognitoError(
          'UnknownOperationException',
          `Cognito answers InitiateAuth locally, got ${operation || 'no x-amz-target'}`,
        )
      }
      send(res, 200, await initiateAuth(JSON.parse(body.toString('utf8')), parts))
    } catch (error) {
      if (error instanceof CognitoError) return refuse(res, error)
      if (error instanceof SyntaxError) return refuse(res, new CognitoError('SerializationException', error.message))
      throw error
    }
  }
}
