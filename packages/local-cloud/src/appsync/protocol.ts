import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from '../aws-error.ts'
import { readTarget } from '../request-target.ts'
import type { Handle } from '../service.ts'
import { type Authenticate, Unauthorized } from './authorization/authenticate.ts'
import type { Answer, ChosenOperation, Engine, GraphQLRequest } from './engine.ts'
import type { Operation } from './graphql/operation.ts'

const CORS = {
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

export interface ProtocolParts {
  engine: Engine
  authenticate: Authenticate
  /** Called with every finished mutation: subscribers are told before the caller is answered. */
  afterMutation(chosen: ChosenOperation, answer: Answer, operation: Operation): void
  log: (line: string) => void
}

/** GraphQL over HTTP, in AppSync's shapes. */
export function serve(parts: ProtocolParts): Handle {
  return async (request, response, body) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(200, PREFLIGHT)
      response.end()
      return
    }
    try {
      await answer(parts, request, response, body)
    } catch (error) {
      if (error instanceof AwsError) return refuse(response, error)
      if (error instanceof Unauthorized) {
        parts.log(`appsync: 401: ${error.reason}`)
        return refuse(response, new AwsError('UnauthorizedException', 401, error.message))
      }
      parts.log(`appsync: 500: ${(error as Error).stack}`)
      refuse(response, new AwsError('InternalFailure', 500, `the local AppSync failed: ${(error as Error).message}`))
    }
  }
}

async function answer(parts: ProtocolParts, req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> {
  if (req.method !== 'POST' && req.method !== 'GET') {
    throw malformed(`/graphql takes POST, GET and OPTIONS, got ${req.method}`, 405)
  }
  const { method, url: target = '/' } = req
  const caller = await parts.authenticate(req.headers, sourceIp(req), { method, target, body })
  const request = readRequest(req, body)
  const chosen = parts.engine.choose(request)
  if ('errors' in chosen) return send(res, 200, { data: null, errors: chosen.errors })
  const kind = chosen.definition.operation
  if (kind === 'subscription') {
    throw malformed('A subscription came over HTTP; subscriptions are served over WebSocket at /graphql/realtime.')
  }
  const operation = parts.engine.operation(caller, contextHeaders(req.headers), chosen.prepared, request)
  const running = parts.engine.run(chosen, request, operation)
  const result = 'then' in running ? await running : running
  if (kind === 'mutation') parts.afterMutation(chosen, result, operation)
  send(res, 200, result, operation.responseHeaders)
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

function refuse(res: ServerResponse, { code, message, status }: AwsError): void {
  send(res, status, { errors: [{ errorType: code, message }] }, { 'x-amzn-errortype': code })
}

/** A request that is refused before its GraphQL is looked at. */
function malformed(message: string, status = 400): AwsError {
  return new AwsError('MalformedHttpRequestException', status, message)
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

/** The GraphQL request of an HTTP request: the body of a POST, or the query string of a GET. */
function readRequest(req: IncomingMessage, body: Buffer): GraphQLRequest {
  if (req.method === 'GET') {
    return checked(Object.fromEntries(readTarget(req).query))
  }
  if (body.length === 0) throw malformed('Request body is empty.')
  return readRequestText(body.toString('utf8'))
}

/** A GraphQL request as JSON text: a body, or what came inside a `start` frame. */
export function readRequestText(text: string): GraphQLRequest {
  return checked(parse(text))
}

const UNPARSABLE = 'Unable to parse GraphQL query.'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checked(request: unknown): GraphQLRequest {
  if (!isMap(request) || typeof request.query !== 'string') throw malformed(UNPARSABLE)
  const { query, operationName } = request
  // Some clients send the variables as a JSON text.
  const variables = typeof request.variables === 'string' ? parse(request.variables) : request.variables
  if (variables !== undefined && variables !== null && !isMap(variables)) {
    throw malformed(`variables must be a JSON object, got ${JSON.stringify(variables)}`)
  }
  return { query, variables, operationName: typeof operationName === 'string' ? operationName : null }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(UNPARSABLE)
  }
}
