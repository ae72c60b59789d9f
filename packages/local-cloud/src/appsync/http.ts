import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Authenticate, Unauthorized } from './authorization/authenticate.ts'
import type { Answer, ChosenOperation, Engine } from './engine.ts'
import type { Operation } from './graphql/operation.ts'
import { MalformedRequest, readRequest } from './http-request.ts'

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'x-amzn-RequestId,x-amzn-ErrorType,x-amz-user-agent,x-amzn-ErrorMessage,Date,x-amz-schema-version',
}

const PREFLIGHT = {
  ...CORS,
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, x-amz-user-agent, x-api-key, x-amz-date, x-amz-security-token, x-amz-content-sha256, x-amzn-requestid',
  'access-control-max-age': '172800',
}

function send(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body)
  res.writeHead(status, {
    ...CORS,
    ...headers,
    'content-type': 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  })
  res.end(text)
}

function refuse(res: ServerResponse, status: number, errorType: string, message: string): void {
  send(res, status, { errors: [{ errorType, message }] }, { 'x-amzn-errortype': errorType })
}

/** Request headers as `ctx.request.headers` shows them: no cookie, and none of HTTP/2's pseudo headers. */
export function contextHeaders(headers: IncomingMessage['headers']): Operation['headers'] {
  const shown: Operation['headers'] = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined && name !== 'cookie' && !name.startsWith(':')) shown[name] = value
  }
  return shown
}

export function sourceIp(req: IncomingMessage): string[] {
  const forwarded = String(req.headers['x-forwarded-for'] ?? '')
  const hops = forwarded.split(',').map((hop) => hop.trim())
  return [...hops, req.socket?.remoteAddress ?? ''].filter((address) => address !== '')
}

export interface HttpParts {
  engine: Engine
  authenticate: Authenticate
  /** Called with every finished mutation: subscribers are told before the caller is answered. */
  afterMutation(chosen: ChosenOperation, answer: Answer, operation: Operation): void
  log: (line: string) => void
}

async function answer(parts: HttpParts, req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> {
  const caller = await parts.authenticate(req.headers, sourceIp(req))
  const request = readRequest(req, body)
  const chosen = parts.engine.choose(request)
  if ('errors' in chosen) return send(res, 200, { data: null, errors: chosen.errors })
  const kind = chosen.definition.operation
  if (kind === 'subscription') {
    throw new MalformedRequest(
      'A subscription came over HTTP; subscriptions are served over WebSocket at /graphql/realtime.',
    )
  }
  const operation = parts.engine.operation(caller, contextHeaders(req.headers), chosen.prepared, request)
  const running = parts.engine.run(chosen, request, operation)
  const result = 'then' in running ? await running : running
  if (kind === 'mutation') parts.afterMutation(chosen, result, operation)
  send(res, 200, result, operation.responseHeaders)
}

/** GraphQL over HTTP, in AppSync's shapes. */
export function createHttpHandler(parts: HttpParts) {
  return async (req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> => {
    if (req.method === 'OPTIONS') {
      res.writeHead(200, PREFLIGHT)
      res.end()
      return
    }
    if (req.method !== 'POST' && req.method !== 'GET') {
      return refuse(
        res,
        405,
        'MalformedHttpRequestException',
        `/graphql takes POST, GET and OPTIONS, got ${req.method}`,
      )
    }
    try {
      await answer(parts, req, res, body)
    } catch (error) {
      if (error instanceof Unauthorized) {
        parts.log(`appsync: 401: ${error.reason}`)
        return refuse(res, 401, 'UnauthorizedException', error.message)
      }
      if (error instanceof MalformedRequest) {
        return refuse(res, 400, 'MalformedHttpRequestException', error.message)
      }
      parts.log(`appsync: 500: ${(error as Error).stack}`)
      refuse(res, 500, 'InternalFailure', `the local AppSync failed: ${(error as Error).message}`)
    }
  }
}
