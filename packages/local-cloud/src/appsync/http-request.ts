import type { IncomingMessage } from 'node:http'
import type { GraphQLRequest } from './engine.ts'

/** A request that is refused before its GraphQL is looked at. */
export class MalformedRequest extends Error {}

const UNPARSABLE = 'Unable to parse GraphQL query.'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checked(request: unknown): GraphQLRequest {
  if (!isMap(request) || typeof request.query !== 'string') throw new MalformedRequest(UNPARSABLE)
  const { query, operationName } = request
  // Some clients send the variables as a JSON text.
  const variables = typeof request.variables === 'string' ? parse(request.variables) : request.variables
  if (variables !== undefined && variables !== null && !isMap(variables)) {
    throw new MalformedRequest(`variables must be a JSON object, got ${JSON.stringify(variables)}`)
  }
  return { query, variables, operationName: typeof operationName === 'string' ? operationName : null }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedRequest(UNPARSABLE)
  }
}

/** The GraphQL request of an HTTP request: the body of a POST, or the query string of a GET. */
export function readRequest(req: IncomingMessage, body: Buffer): GraphQLRequest {
  if (req.method === 'GET') {
    const { searchParams } = new URL(req.url ?? '/', 'http://localhost')
    return checked(Object.fromEntries(searchParams))
  }
  if (body.length === 0) throw new MalformedRequest('Request body is empty.')
  return checked(parse(body.toString('utf8')))
}

/** A GraphQL request that came as text inside a `start` frame. */
export function readRequestText(text: string): GraphQLRequest {
  return checked(parse(text))
}
