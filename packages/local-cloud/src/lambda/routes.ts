import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getFunction, getFunctionConfiguration } from './get-function.ts'
import { invoke } from './invoke.ts'
import type { LambdaState } from './lambda.ts'
import { LambdaError } from './lambda-error.ts'
import { listFunctions } from './list-functions.ts'

/** What an operation answers with. */
export interface Answer {
  statusCode: number
  headers?: Record<string, string>
  /** JSON text. */
  body?: string
}

export type Operation = (
  state: LambdaState,
  functionName: string,
  req: IncomingMessage,
  body: Buffer,
) => Promise<Answer>

const routes: [method: string, path: RegExp, operation: Operation][] = [
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, invoke],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)$/, getFunction],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, getFunctionConfiguration],
  ['GET', /^\/2015-03-31\/functions\/?$/, listFunctions],
]

/** Lambda's REST API. */
export async function handleRequest(
  state: LambdaState,
  req: IncomingMessage,
  res: ServerResponse,
  body: Buffer,
): Promise<void> {
  const answer = await route(state, req, body).catch(refuse)
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID(), ...answer.headers }
  res.writeHead(answer.statusCode, headers).end(answer.body ?? '')
}

async function route(state: LambdaState, req: IncomingMessage, body: Buffer): Promise<Answer> {
  const path = new URL(req.url ?? '/', 'http://lambda').pathname
  for (const [method, pattern, operation] of routes) {
    const match = method === req.method ? pattern.exec(path) : null
    if (match) return operation(state, decodeURIComponent(match[1] ?? ''), req, body)
  }
  const known = 'Invoke, GetFunction, GetFunctionConfiguration and ListFunctions'
  throw new LambdaError(
    'UnknownOperationException',
    404,
    `No local Lambda operation for ${req.method} ${path}: it has ${known}`,
  )
}

function refuse(error: unknown): Answer {
  if (!(error instanceof LambdaError)) throw error
  const body = JSON.stringify({ Type: 'User', Message: error.message, message: error.message })
  return { statusCode: error.statusCode, headers: { 'x-amzn-errortype': error.name }, body }
}
