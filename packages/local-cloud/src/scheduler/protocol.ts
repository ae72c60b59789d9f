import type { IncomingMessage } from 'node:http'
import { AwsError, validationError } from '../aws-error.ts'
import { readTarget } from '../request-target.ts'
import type { Handle } from '../service.ts'
import type { Operation, Schedules } from './operation.ts'
import { createSchedule, deleteSchedule, getSchedule, listSchedules } from './operations.ts'

const routes: [method: string, path: RegExp, operation: Operation][] = [
  ['POST', /^\/schedules\/([^/]+)$/, createSchedule],
  ['GET', /^\/schedules\/([^/]+)$/, getSchedule],
  ['DELETE', /^\/schedules\/([^/]+)$/, deleteSchedule],
  ['GET', /^\/schedules\/?$/, listSchedules],
]

/** Scheduler's REST API. */
export function serve(schedules: Schedules): Handle {
  return async (request, response, body) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    try {
      const answer = run(schedules, request, body)
      response.writeHead(200, headers).end(JSON.stringify(answer))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      headers['x-amzn-errortype'] = error.code
      response.writeHead(error.status, headers).end(JSON.stringify({ Message: error.message }))
    }
  }
}

function run(schedules: Schedules, request: IncomingMessage, body: Buffer): object {
  const { path: pathname, query } = readTarget(request)
  for (const [method, path, operation] of routes) {
    const match = method === request.method ? path.exec(pathname) : null
    if (!match) continue
    const name = decodeURIComponent(match[1] ?? '')
    return operation(schedules, { name, query, body: parse(body) })
  }
  const known = 'CreateSchedule, GetSchedule, ListSchedules and DeleteSchedule'
  const message = `No local Scheduler operation for ${request.method} ${pathname}: it has ${known}`
  throw new AwsError('UnknownOperationException', 404, message)
}

function parse(body: Buffer): object {
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw validationError(`The request body must be JSON: ${(error as Error).message}`)
  }
}
