import { util } from '@aws-appsync/utils'
import { dueAtForStart, dueShard } from '../engine/job/due.ts'
import { MAX_ATTEMPTS, MAX_TIMEOUT_SECONDS } from '../sdk/limits.ts'
import type { Caller } from './access.ts'
import { inputFaults } from './check-input.ts'
import type { InputRule } from './input-rule.ts'
import { isoTime, type JobItem, present } from './job-item.ts'
import { shown } from './refusals.ts'

/** CreateAgentJobInput */
export interface NewJob {
  id?: string | null
  queryType: string
  requestData: string
  priority?: string | null
  sessionId?: string | null
  runAt?: string | null
  deadline?: string | null
  timeoutSeconds?: number | null
  maxAttempts?: number | null
  ttl?: number | null
}

const MOST_BYTES = 262_144
const FAULTS_TOLD = 5
const YEAR_MS = 366 * 86_400_000
/** Clocks differ, and people choose a minute. */
const JUST_PAST_MS = 60_000

/** Ends the request with BadRequest when the input is not one that a job could ever be made of. */
export function checkNewJob(input: NewJob, agents: Record<string, InputRule[]>): void {
  const fault = faultOfSettings(input) ?? faultOfRequest(input, agents)
  if (fault) util.error(fault, 'BadRequest')
}

function faultOfSettings(input: NewJob): string | undefined {
  const { id, sessionId, timeoutSeconds, maxAttempts } = input
  if (id != null && !util.matches('^[A-Za-z0-9_-]{1,128}$', id)) {
    return `id must be 1 to 128 characters of A-Z a-z 0-9 _ -, got ${shown(id)}`
  }
  // With the owner before it, it becomes the key of the session's item.
  if (sessionId != null && !util.matches('^[A-Za-z0-9_.:-]{1,64}$', sessionId)) {
    return `sessionId must be 1 to 64 characters of A-Z a-z 0-9 _ . : -, got ${shown(sessionId)}`
  }
  if (timeoutSeconds != null && (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)) {
    return `timeoutSeconds must be a whole number from 1 to ${MAX_TIMEOUT_SECONDS}, got ${shown(timeoutSeconds)}`
  }
  if (maxAttempts != null && (maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS)) {
    return `maxAttempts must be a whole number from 1 to ${MAX_ATTEMPTS}, got ${shown(maxAttempts)}`
  }
  return undefined
}

/**
 * What is wrong with the input's times, now. A create that was right when it was sent may come once more, after an answer
 * that got lost, when its times are past: so this fault does not end the request before the standing job was looked for.
 */
export function faultOfTimes({ runAt, deadline, ttl }: NewJob): string | undefined {
  const now = util.time.nowEpochMilliSeconds()
  const start = epochMs(runAt) ?? now
  if (start < now - JUST_PAST_MS || start > now + YEAR_MS) {
    return `runAt must be a time from now to a year from now (${isoTime(now)}), got ${shown(runAt)}`
  }
  const end = epochMs(deadline)
  if (end != null && end <= now) return `deadline must be after now (${isoTime(now)}), got ${shown(deadline)}`
  if (end != null && end <= start) return `deadline must be after runAt (${isoTime(start)}), got ${shown(deadline)}`
  if (ttl != null && (ttl * 1000 <= now || ttl > 100_000_000_000)) {
    return `ttl must be a time to come, in seconds (not milliseconds) since 1970, got ${shown(ttl)}`
  }
  if (ttl != null && ttl * 1000 <= start) return `ttl must be after runAt (${isoTime(start)}), got ${shown(ttl)}`
  return undefined
}

function epochMs(time: string | null | undefined): number | null {
  return time == null ? null : util.time.parseISO8601ToEpochMilliSeconds(time)
}

function faultOfRequest({ queryType, requestData }: NewJob, agents: Record<string, InputRule[]>): string | undefined {
  const names = Object.keys(agents)
  if (names.indexOf(queryType) < 0) return `queryType must be one of ${names.join(', ')}, got ${shown(queryType)}`
  const bytes = bytesOf(requestData)
  if (bytes > MOST_BYTES) return `requestData must be at most ${MOST_BYTES} bytes (256 KB), got ${bytes}`
  const input = JSON.parse(requestData)
  // AppSync's JSON.parse answers invalid text with '' and throws nothing.
  if (input === undefined || (input === '' && requestData.trim() !== '""')) {
    return `requestData must be JSON text, got ${shown(requestData)}`
  }
  const faults = inputFaults(agents[queryType], input)
  if (faults.length === 0) return undefined
  const more = faults.length > FAULTS_TOLD ? `; and ${faults.length - FAULTS_TOLD} more` : ''
  return faults.slice(0, FAULTS_TOLD).join('; ') + more
}

/** Length in UTF-8, which AppSync's JavaScript cannot count: base64 makes 4 characters of 3 bytes. */
function bytesOf(text: string): number {
  if (text.length > MOST_BYTES) return text.length
  const base64 = util.base64Encode(text)
  return (base64.length / 4) * 3 - (base64.split('=').length - 1)
}

/** The row of a job that has just been asked for. */
export function newJobItem(input: NewJob, { sub: owner, seesAll }: Caller): JobItem {
  const now = util.time.nowEpochMilliSeconds()
  const start = epochMs(input.runAt)
  const deadline = epochMs(input.deadline)
  const id = input.id ?? util.autoUlid()
  const dueAt = dueAtForStart(start ?? now, now)
  return present({
    id,
    uid: util.autoId(),
    owner,
    // For as long as it waits or runs; what admins submit is not counted.
    openOwner: seesAll ? null : owner,
    queryType: input.queryType,
    status: 'PENDING',
    requestData: input.requestData,
    priority: input.priority,
    sessionId: input.sessionId,
    sessionKey: input.sessionId == null ? null : `${owner}#${input.sessionId}`,
    runAt: start == null ? null : isoTime(start),
    deadline: deadline == null ? null : isoTime(deadline),
    timeoutSeconds: input.timeoutSeconds,
    maxAttempts: input.maxAttempts,
    ttl: input.ttl,
    attempt: 0,
    claims: 0,
    version: 1,
    dueShard: dueShard(id),
    // Nobody else would notice that the deadline has passed.
    dueAt: deadline == null ? dueAt : Math.min(dueAt, deadline),
    createdAt: isoTime(now),
    updatedAt: isoTime(now),
  })
}
