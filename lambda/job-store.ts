import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { isoTime } from './clock.ts'
import type { ClaimedJob, JobError, JobUsage } from './job.ts'
import { PATIENCE_MS } from './job.ts'
import { readJob } from './read-job.ts'

export interface JobTable {
  documents: DynamoDBDocumentClient
  table: string
  /** How long a job stays after its end, unless its owner said otherwise. */
  resultTtlSeconds: number
}

/** What a worker holds: the job and the token that fences off whoever held it before. */
export interface Hold {
  id: string
  token: string
}

/** What the agent has reported so far; written with the heartbeat and with the end of the job. */
export interface Report {
  progress?: number
  progressMessage?: string
  partialResult?: string
  usage?: JobUsage
}

export interface ClaimTerms {
  leaseMs: number
  maxAttempts: number
}

// A job that is due by its dispatcher's clock must not be refused by a worker whose clock is a little slow.
const CLOCK_SKEW_MS = 1_000

/**
 * Takes the job for `token`, unless another worker's lease still runs, its time has not come, or it is over.
 * Returns undefined when it is not ours to take.
 */
export async function claim(
  { documents, table }: JobTable,
  { id, token }: Hold,
  { leaseMs, maxAttempts }: ClaimTerms,
  now: number,
): Promise<ClaimedJob | undefined> {
  const statement = {
    TableName: table,
    Key: { id },
    ConditionExpression: `#status = :pending AND (attribute_not_exists(runAt) OR runAt <= :soon)
      OR #status = :processing AND leaseExpiresAt <= :nowMs AND attempt < maxAttempts`,
    UpdateExpression: `SET #status = :processing, claimToken = :token, leaseExpiresAt = :lease, dueAt = :lease,
        dueShard = if_not_exists(dueShard, :shard), attempt = if_not_exists(attempt, :zero) + :one,
        claims = if_not_exists(claims, :zero) + :one, maxAttempts = if_not_exists(maxAttempts, :maxAttempts),
        version = if_not_exists(version, :one) + :one, createdAt = if_not_exists(createdAt, :now),
        startedAt = if_not_exists(startedAt, :now), updatedAt = :now
      REMOVE #error, runAt, resultData, completedAt`,
    ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
    ExpressionAttributeValues: {
      ':pending': 'PENDING',
      ':processing': 'PROCESSING',
      ':token': token,
      ':lease': now + leaseMs,
      ':nowMs': now,
      ':now': isoTime(now),
      ':soon': isoTime(now + CLOCK_SKEW_MS),
      ':shard': dueShard(id),
      ':maxAttempts': maxAttempts,
      ':zero': 0,
      ':one': 1,
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } satisfies UpdateCommandInput
  try {
    const { Attributes } = await documents.send(new UpdateCommand(statement))
    return readJob(Attributes ?? {}, isoTime(now)) as ClaimedJob
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    // The SDK repeats a write whose answer was lost; then it is our own claim that stands in the way.
    if (error.Item?.claimToken?.S !== token) return undefined
    return readJob(unmarshall(error.Item, { wrapNumbers: Number }), isoTime(now)) as ClaimedJob
  }
}

/** Keeps the job for another lease and writes what the agent reported. False when it is no longer ours. */
export function heartbeat(jobs: JobTable, hold: Hold, report: Report, leaseMs: number, now: number): Promise<boolean> {
  return writeAsHolder(jobs, hold, report, now, {
    set: 'leaseExpiresAt = :lease, dueAt = :lease',
    values: { ':lease': now + leaseMs },
  })
}

/** Ends the job with its result. False when it is no longer ours: then nothing was written. */
export function complete(jobs: JobTable, hold: Hold, resultData: string, report: Report, now: number) {
  return writeAsHolder(jobs, hold, { ...report, partialResult: undefined }, now, {
    set: '#status = :complete, resultData = :result, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, partialResult',
    names: { '#ttl': 'ttl' },
    values: { ':complete': 'COMPLETE', ':result': resultData, ':ttl': ttlAt(jobs, now) },
  })
}

/** Ends the job with an error; what was reported stays on it. False when it is no longer ours. */
export function fail(jobs: JobTable, hold: Hold, error: JobError, report: Report, now: number): Promise<boolean> {
  return writeAsHolder(jobs, hold, report, now, {
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt',
    names: { '#error': 'error', '#ttl': 'ttl' },
    values: { ':failed': 'FAILED', ':error': error, ':ttl': ttlAt(jobs, now) },
  })
}

/** Hands the job back, to be started again at `runAt` (epoch ms). False when it is no longer ours. */
export function retryLater(jobs: JobTable, hold: Hold, error: JobError, runAt: number, report: Report, now: number) {
  return writeAsHolder(jobs, hold, report, now, {
    set: '#status = :pending, #error = :error, runAt = :runAt, dueAt = :due',
    remove: 'claimToken, leaseExpiresAt',
    names: { '#error': 'error' },
    values: { ':pending': 'PENDING', ':error': error, ':runAt': isoTime(runAt), ':due': runAt + PATIENCE_MS },
  })
}

interface Change {
  set: string
  remove?: string
  names?: Record<string, string>
  values: Record<string, unknown>
}

/** A write by the worker that holds the job: refused once the job was cancelled, ended, or taken over. */
async function writeAsHolder(
  { documents, table }: JobTable,
  { id, token }: Hold,
  report: Report,
  now: number,
  { set, remove, names, values }: Change,
): Promise<boolean> {
  const reported = reportAssignments(report)
  const statement = {
    TableName: table,
    Key: { id },
    ConditionExpression: 'claimToken = :token AND #status = :processing',
    UpdateExpression: `SET ${set}${reported.set}, version = version + :one, updatedAt = :now ${remove ? `REMOVE ${remove}` : ''}`,
    ExpressionAttributeNames: { '#status': 'status', ...names, ...reported.names },
    ExpressionAttributeValues: {
      ':token': token,
      ':processing': 'PROCESSING',
      ':one': 1,
      ':now': isoTime(now),
      ...values,
      ...reported.values,
    },
  } satisfies UpdateCommandInput
  return conditional(() => documents.send(new UpdateCommand(statement)))
}

function reportAssignments({ progress, progressMessage, partialResult, usage }: Report) {
  return {
    set:
      (progress === undefined ? '' : ', progress = :progress') +
      (progressMessage === undefined ? '' : ', progressMessage = :progressMessage') +
      (partialResult === undefined ? '' : ', partialResult = :partialResult') +
      (usage === undefined ? '' : ', #usage = :usage'),
    names: usage && { '#usage': 'usage' },
    values: {
      ...(progress !== undefined && { ':progress': progress }),
      ...(progressMessage !== undefined && { ':progressMessage': progressMessage }),
      ...(partialResult !== undefined && { ':partialResult': partialResult }),
      ...(usage !== undefined && { ':usage': usage }),
    },
  }
}

/** True when the write was done, false when its condition refused it; any other fault is thrown. */
export async function conditional(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}

export function ttlAt({ resultTtlSeconds }: JobTable, now: number): number {
  return Math.floor(now / 1000) + resultTtlSeconds
}

export const DUE_SHARDS = 8

/** Spreads the sparse index over partitions, as all due times of a busy minute would fall into one. */
function dueShard(id: string): number {
  let sum = 0
  for (const letter of id) sum += letter.charCodeAt(0)
  return sum % DUE_SHARDS
}
