import type { Job, JobError, JobPriority, JobResult, JobUsage } from './job.ts'
import { isJobStatus, jobPriorities, jobStatuses } from './job.ts'

type Row = Record<string, unknown>

/**
 * Reads a row of the table. People put and edit rows by hand, so whatever is missing or of the wrong type counts as absent
 * and gets its default; times come out as ISO 8601 in UTC. `at` stands in for the times that every job has.
 */
export function readJob(row: Row, at: string): Job {
  const createdAt = time(row.createdAt) ?? at
  const updatedAt = time(row.updatedAt) ?? at
  const completedAt = time(row.completedAt) ?? updatedAt
  const base = {
    id: text(row.id) ?? '',
    uid: text(row.uid),
    owner: text(row.owner),
    queryType: text(row.queryType) ?? '',
    requestData: json(row.requestData),
    error: jobError(row.error),
    progress: number(row.progress),
    progressMessage: text(row.progressMessage),
    partialResult: json(row.partialResult),
    attempt: whole(row.attempt) ?? 0,
    allAttempts: whole(row.allAttempts) ?? 0,
    maxAttempts: whole(row.maxAttempts),
    claims: whole(row.claims) ?? 0,
    priority: priority(row.priority),
    sessionId: text(row.sessionId),
    sessionKey: text(row.sessionKey) || undefined,
    runAt: time(row.runAt),
    deadline: time(row.deadline),
    timeoutSeconds: whole(row.timeoutSeconds),
    elapsedMs: number(row.elapsedMs),
    checkpointSeq: whole(row.checkpointSeq),
    throttledSince: time(row.throttledSince),
    usage: usage(row.usage),
    version: whole(row.version) ?? 1,
    createdAt,
    updatedAt,
    startedAt: time(row.startedAt),
    touches: whole(row.touches) ?? 0,
    dueAt: number(row.dueAt),
    ttl: Number.isSafeInteger(row.ttl) ? (row.ttl as number) : undefined,
  }
  const { status } = row
  if (!isJobStatus(status)) {
    throw new TypeError(
      `status of job ${base.id} must be one of ${jobStatuses.join(', ')}, got ${JSON.stringify(status)}`,
    )
  }
  switch (status) {
    case 'PENDING':
      return { ...base, status }
    case 'PROCESSING':
      return {
        ...base,
        status,
        uid: base.uid ?? '',
        claimToken: text(row.claimToken) ?? '',
        leaseExpiresAt: number(row.leaseExpiresAt) ?? 0,
      }
    case 'COMPLETE':
      return { ...base, status, completedAt, ...result(row) }
    case 'FAILED':
      return { ...base, status, error: base.error ?? unexplained, completedAt }
    case 'CANCELLED':
      return { ...base, status, completedAt }
  }
}

function result(row: Row): JobResult {
  const resultKey = text(row.resultKey)
  if (row.resultData === undefined && resultKey) return { resultKey, resultPreview: text(row.resultPreview) ?? '' }
  return { resultData: json(row.resultData) ?? 'null' }
}

const unexplained: JobError = {
  code: 'UNKNOWN',
  message: 'The row was set to FAILED without an error.',
  remediation: 'Ask whoever edited the row, or retry the job.',
  retryable: true,
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** JSON text. The console's JSON view makes it easy to put a map where text belongs: that is taken as it was meant. */
function json(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  return JSON.stringify(value, (_key, part) => (part instanceof Set ? [...part] : part))
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A whole number that GraphQL's Int can carry: one that it cannot would stop the pushes of this job. */
function whole(value: unknown): number | undefined {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? (value as number) : undefined
}

function time(value: unknown): string | undefined {
  const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(epochMs)) return undefined
  const iso = new Date(epochMs).toISOString()
  // Years beyond 9999 are written with a sign, which AWSDateTime refuses.
  return iso.length === 24 ? iso : undefined
}

function priority(value: unknown): JobPriority {
  return jobPriorities.includes(value as JobPriority) ? (value as JobPriority) : 'NORMAL'
}

function jobError(value: unknown): JobError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { code, message, remediation, retryable, details } = value as Row
  return {
    code: text(code) ?? unexplained.code,
    message: text(message) ?? unexplained.message,
    remediation: text(remediation) ?? unexplained.remediation,
    retryable: retryable === true,
    details: json(details),
  }
}

function usage(value: unknown): JobUsage | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { inputTokens, outputTokens, modelId, modelLatencyMs } = value as Row
  return {
    inputTokens: whole(inputTokens) ?? 0,
    outputTokens: whole(outputTokens) ?? 0,
    modelId: text(modelId),
    modelLatencyMs: whole(modelLatencyMs) ?? 0,
  }
}
