import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSchedule } from './create-schedule.ts'
import { deleteSchedule } from './delete-schedule.ts'
import { getSchedule } from './get-schedule.ts'
import { listSchedules } from './list-schedules.ts'
import type { Schedules } from './scheduler.ts'
import { invalid, SchedulerError } from './scheduler-error.ts'

export interface ScheduleRequest {
  name: string
  query: URLSearchParams
  body: object
}

export type Operation = (schedules: Schedules, request: ScheduleRequest) => object

const routes: [method: string, path: RegExp, operation: Operation][] = [
  ['POST', /^\/schedules\/([^/]+)$/, createSchedule],
  ['GET', /^\/schedules\/([^/]+)$/, getSchedule],
  ['DELETE', /^\/schedules\/([^/]+)$/, deleteSchedule],
  ['GET', /^\/schedules\/?$/, listSchedules],
]

/** Scheduler's REST API. */
export async function handleRequest(
  schedules: Schedules,
  req: IncomingMessage,
  res: ServerResponse,
  body: Buffer,
): Promise<void> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  try {
    const answer = route(schedules, req, body)
    res.writeHead(200, headers).end(JSON.stringify(answer))
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error
    headers['x-amzn-errortype'] = error.name
    res.writeHead(error.statusCode, headers).end(JSON.stringify({ Message: error.message }))
  }
}

function route(schedules: Schedules, req: IncomingMessage, body: Buffer): object {
  const url = new URL(req.url ?? '/', 'http://scheduler')
  for (const [method, pattern, operation] of routes) {
    const match = method === req.method ? pattern.exec(url.pathname) : null
    if (!match) continue
    const name = decodeURIComponent(match[1] ?? '')
    return operation(schedules, { name, query: url.searchParams, body: parse(body) })
  }
  const known = 'CreateSchedule, GetSchedule, ListSchedules and DeleteSchedule'
  const message = `No local Scheduler operation for ${req.method} ${url.pathname}: it has ${known}`
  throw new SchedulerError('UnknownOperationException', 404, message)
}

function parse(body: Buffer): object {
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw invalid(`The request body must be JSON: ${(error as Error).message}`)
  }
}
