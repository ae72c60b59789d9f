import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../aws-error.ts'
import { readTarget } from '../request-target.ts'
import type { Handle } from '../service.ts'
import type { LambdaAnswer, LambdaState, Operation } from './operation.ts'
import { getFunction, getFunctionConfiguration, invoke, listFunctions } from './operations.ts'

const routes: [method: string, path: RegExp, operation: Operation][] = [
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, invoke],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)$/, getFunction],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, getFunctionConfiguration],
  ['GET', /^\/2015-03-31\/functions\/?$/, listFunctions],
]

/** Lambda's REST API. */
export function serve(state: LambdaState): Handle {
  return async (request, response, body) => {
    const answer = await run(state, request, body).catch(refuse)
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID(), ...answer.headers }
    response.writeHead(answer.status, headers).end(answer.body ?? '')
  }
}

async function run(state: LambdaState, request: IncomingMessage, body: Buffer): Promise<LambdaAnswer> {
  const { headers, method } = request
  const { path: pathname } = readTarget(request)
  for (const [wanted, path, operation] of routes) {
    const match = wanted === method ? path.exec(pathname) : null
    if (match) return operation(state, { functionName: decodeURIComponent(match[1] ?? ''), headers, body })
  }
  const known = 'Invoke, GetFunction, GetFunctionConfiguration and ListFunctions'
  const message = `No local Lambda operation for ${method} ${pathname}: it has ${known}`
  throw new AwsError('UnknownOperationException', 404, message)
}

function refuse(error: unknown): LambdaAnswer {
  if (!(error instanceof AwsError)) throw error
  const body = JSON.stringify({ Type: 'User', Message: error.message, message: error.message })
  return { status: error.status, headers: { 'x-amzn-errortype': error.code }, body }
}
