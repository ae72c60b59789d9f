import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import type { ClaimedJob, JobError, JobResult } from '../job/job.ts'
import { PATIENCE_MS } from '../job/job.ts'
import type { Report } from '../run/report.ts'

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

/** Whether the job is still ours; one read, where a heartbeat is a write that subscribers are told about. */
export async function isHeld({ documents, table }: JobTable, { id, token }: Hold): Promise<boolean> {
  const { Item } = await documents.send(
    new GetCommand({
      TableName: table,
      Key: { id },
      ConsistentRead: true,
      ProjectionExpression: '#status, claimToken',
      ExpressionAttributeNames: { '#status': 'status' },
    }),
  )
  return Item?.status === 'PROCESSING' && Item.claimToken === token
}

/** Keeps the job for another lease and writes what the agent reported. False when it is no longer ours. */
export function heartbeat(jobs: JobTable, hold: Hold, report: Report, leaseMs: number, now: number): Promise<boolean> {
  return writeAsHolder(jobs, hold, report, now, {
    set: 'leaseExpiresAt = :lease, dueAt = :lease',
    remove: report.answered && 'throttledSince',
    values: { ':lease': now + leaseMs },
  })
}

/** Ends the job with its result. False when it is no longer ours: then nothing was written. */
export function complete(jobs: JobTable, hold: Hold, result: JobResult, report: Report, now: number) {
  const { resultData, resultKey, resultPreview } = result
  const inRow = resultKey === undefined
  return writeAsHolder(jobs, hold, { ...report, partialResult: undefined }, now, {
    set: `#status = :complete, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl),
      ${inRow ? 'resultData = :result' : 'resultKey = :key, resultPreview = :preview'}`,
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, throttledSince, partialResult',
    names: { '#ttl': 'ttl' },
    values: {
      ':complete': 'COMPLETE',
      ':ttl': ttlAt(jobs, now),
      ...(inRow ? { ':result': resultData } : { ':key': resultKey, ':preview': resultPreview }),
    },
  })
}

/** Ends the job with an error; what was reported stays on it. False when it is no longer ours. */
export function fail(jobs: JobTable, hold: Hold, error: JobError, report: Report, now: number): Promise<boolean> {
  return writeAsHolder(jobs, hold, report, now, {
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, throttledSince',
    names: { '#error': 'error', '#ttl': 'ttl' },
    values: { ':failed': 'FAILED', ':error': error, ':ttl': ttlAt(jobs, now) },
  })
}

/** Why and until when a job is put off. */
export interface Delay {
  error: JobError
  /** Epoch ms. */
  runAt: number
  /** It was not the job that failed: the attempt goes on then, with the time it has run. */
  sameAttempt?: { throttledSince: string; elapsedMs: number }
}

/** Hands the job back, to go on from its checkpoint at `runAt`. False when it is no longer ours. */
export function retryLater(
  jobs: JobTable,
  hold: Hold,
  { error, runAt, sameAttempt }: Delay,
  report: Report,
  now: number,
) {
  const { throttledSince, elapsedMs } = sameAttempt ?? {}
  return writeAsHolder(jobs, hold, report, now, {
    set: `#status = :pending, #error = :error, runAt = :runAt, dueAt = :due
      ${sameAttempt ? ', attempt = attempt - :one, elapsedMs = :elapsed, throttledSince = :since' : ''}`,
    remove: `claimToken, leaseExpiresAt ${sameAttempt ? '' : ', elapsedMs, throttledSince'}`,
    names: { '#error': 'error' },
    values: {
      ':pending': 'PENDING',
      ':error': error,
      ':runAt': isoTime(runAt),
      ':due': runAt + PATIENCE_MS,
      ...(sameAttempt && { ':since': throttledSince, ':elapsed': elapsedMs }),
    },
  })
}

/** Hands the job to the next worker, to go on at once from its checkpoint: no attempt is lost. False when it is no longer ours. */
export function handOver(jobs: JobTable, hold: Hold, elapsedMs: number, report: Report, now: number): Promise<boolean> {
  return writeAsHolder(jobs, hold, report, now, {
    set: '#status = :pending, attempt = attempt - :one, elapsedMs = :elapsed, dueAt = :due',
    remove: `claimToken, leaseExpiresAt ${report.answered ? ', throttledSince' : ''}`,
    values: { ':pending': 'PENDING', ':elapsed': elapsedMs, ':due': now + PATIENCE_MS },
  })
}

/** Adds what the worker still knew to the job that was taken from it by a cancel. False when it ended or runs otherwise. */
export function addToCancelled(
  { documents, table }: JobTable,
  { id, claims }: ClaimedJob,
  report: Report,
  now: number,
) {
  const reported = reportAssignments(report)
  const statement = {
    TableName: table,
    Key: { id },
    ConditionExpression: '#status = :cancelled AND claims = :claims',
    UpdateExpression: `SET version = version + :one, updatedAt = :now ${reported.set}`,
    ExpressionAttributeNames: { '#status': 'status', ...reported.names },
    ExpressionAttributeValues: {
      ':cancelled': 'CANCELLED',
      ':claims': claims,
      ':one': 1,
      ':now': isoTime(now),
      ...reported.values,
    },
  } satisfies UpdateCommandInput
  return conditional(() => documents.send(new UpdateCommand(statement)))
}

interface Change {
  set: string
  remove?: string | undefined
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

function reportAssignments({ progress, progressMessage, partialResult, usage, checkpointSeq }: Report) {
  return {
    set:
      (progress === undefined ? '' : ', progress = :progress') +
      (progressMessage === undefined ? '' : ', progressMessage = :progressMessage') +
      (partialResult === undefined ? '' : ', partialResult = :partialResult') +
      (usage === undefined ? '' : ', #usage = :usage') +
      (checkpointSeq === undefined ? '' : ', checkpointSeq = :checkpoint'),
    names: usage && { '#usage': 'usage' },
    values: {
      ...(progress !== undefined && { ':progress': progress }),
      ...(progressMessage !== undefined && { ':progressMessage': progressMessage }),
      ...(partialResult !== undefined && { ':partialResult': partialResult }),
      ...(usage !== undefined && { ':usage': usage }),
      ...(checkpointSeq !== undefined && { ':checkpoint': checkpointSeq }),
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
