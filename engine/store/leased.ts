import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import { PATIENCE_MS } from '../job/due.ts'
import type { ClaimedJob, Delay, JobError, JobResult, Report } from '../job/job.ts'
import type { JobTable, Lease, RowChange } from './write.ts'
import { changeRow, ttlAt } from './write.ts'

/** Whether the job is still ours; one read, where a heartbeat is a write that subscribers are told about. */
export async function isLeased(jobs: JobTable, lease: Lease): Promise<boolean> {
  // An eventually consistent read is half as dear, and may be as old as to show the row before our claim: so no is asked twice.
  return (await hasToken(jobs, lease, false)) || (await hasToken(jobs, lease, true))
}

async function hasToken({ documents, table }: JobTable, { id, token }: Lease, ConsistentRead: boolean) {
  const { Item } = await documents.send(
    new GetCommand({
      TableName: table,
      Key: { id },
      ConsistentRead,
      ProjectionExpression: '#status, claimToken',
      ExpressionAttributeNames: { '#status': 'status' },
    }),
  )
  return Item?.status === 'PROCESSING' && Item.claimToken === token
}

/** Renews the lease and writes what the agent reported. False when the job is no longer ours. */
export function heartbeat(jobs: JobTable, lease: Lease, report: Report, leaseMs: number, now: number) {
  return changeLeased(jobs, lease, report, now, {
    set: 'leaseExpiresAt = :lease, dueAt = :lease',
    remove: report.answered && 'throttledSince',
    values: { ':lease': now + leaseMs },
  })
}

/** Ends the job with its result. False when it is no longer ours: then nothing was written. */
export function complete(jobs: JobTable, lease: Lease, result: JobResult, report: Report, now: number) {
  const { resultData, resultKey, resultPreview } = result
  const inRow = resultKey === undefined
  return changeLeased(jobs, lease, { ...report, partialResult: undefined }, now, {
    set: `#status = :complete, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl),
      ${inRow ? 'resultData = :result' : 'resultKey = :key, resultPreview = :preview'}`,
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, openOwner, throttledSince, partialResult',
    values: {
      ':complete': 'COMPLETE',
      ':ttl': ttlAt(jobs, now),
      ...(inRow ? { ':result': resultData } : { ':key': resultKey, ':preview': resultPreview }),
    },
  })
}

/** Ends the job with an error; what was reported stays on it. False when it is no longer ours. */
export function fail(jobs: JobTable, lease: Lease, error: JobError, report: Report, now: number): Promise<boolean> {
  return changeLeased(jobs, lease, report, now, {
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, openOwner, throttledSince',
    values: { ':failed': 'FAILED', ':error': error, ':ttl': ttlAt(jobs, now) },
  })
}

/** Hands the job back, to go on from its checkpoint at `runAt`. False when it is no longer ours. */
export function retryLater(
  jobs: JobTable,
  lease: Lease,
  { error, runAt, sameAttempt }: Delay,
  report: Report,
  now: number,
) {
  const { throttledSince, elapsedMs } = sameAttempt ?? {}
  const uncounted = sameAttempt && uncountedClaim(report)
  return changeLeased(jobs, lease, sameAttempt ? { ...report, attempt: undefined } : report, now, {
    set: `#status = :pending, #error = :error, runAt = :runAt, dueAt = :due
      ${uncounted ? `, ${uncounted.set}, elapsedMs = :elapsed, throttledSince = :since` : ''}`,
    remove: `claimToken, leaseExpiresAt ${sameAttempt ? '' : ', elapsedMs, throttledSince'}`,
    values: {
      ':pending': 'PENDING',
      ':error': error,
      ':runAt': isoTime(runAt),
      ':due': runAt + PATIENCE_MS,
      ...(uncounted && { ...uncounted.values, ':since': throttledSince, ':elapsed': elapsedMs }),
    },
  })
}

/** Hands the job to the next worker, to go on at once from its checkpoint: no attempt is lost. False when it is no longer ours. */
export function handOver(jobs: JobTable, lease: Lease, elapsedMs: number, report: Report, now: number) {
  const uncounted = uncountedClaim(report)
  return changeLeased(jobs, lease, { ...report, attempt: undefined }, now, {
    set: `#status = :pending, ${uncounted.set}, elapsedMs = :elapsed, dueAt = :due`,
    remove: `claimToken, leaseExpiresAt ${report.answered ? ', throttledSince' : ''}`,
    values: { ...uncounted.values, ':pending': 'PENDING', ':elapsed': elapsedMs, ':due': now + PATIENCE_MS },
  })
}

/** The claim that is given back counts for nothing. */
function uncountedClaim({ attempt }: Report) {
  const all = 'allAttempts = if_not_exists(allAttempts, :one) - :one'
  if (attempt === undefined) return { set: `attempt = attempt - :one, ${all}`, values: {} }
  return { set: `attempt = :attempt, ${all}`, values: { ':attempt': attempt - 1 } }
}

/** Adds what the worker still knew to the job that was taken from it by a cancel. False when it ended or runs otherwise. */
export function addToCancelled(jobs: JobTable, { id, claims }: ClaimedJob, report: Report, now: number) {
  const reported = reportAssignments(report)
  return changeRow(jobs, id, now, {
    if: '#status = :cancelled AND claims = :claims',
    set: reported.set,
    values: { ':cancelled': 'CANCELLED', ':claims': claims, ...reported.values },
  })
}

/** A write by the worker that has the lease: refused once the job was cancelled, ended, or taken over. */
function changeLeased(
  jobs: JobTable,
  { id, token }: Lease,
  report: Report,
  now: number,
  { set, remove, values }: Omit<RowChange, 'if'>,
): Promise<boolean> {
  const reported = reportAssignments(report)
  return changeRow(jobs, id, now, {
    if: 'claimToken = :token AND #status = :processing',
    set: [set, reported.set].filter(Boolean).join(', '),
    remove,
    values: { ':token': token, ':processing': 'PROCESSING', ...values, ...reported.values },
  })
}

/** The columns that a report has something for, each under its own name. */
function reportAssignments({ progress, progressMessage, partialResult, usage, checkpointSeq, attempt }: Report) {
  const columns = { progress, progressMessage, partialResult, usage, checkpointSeq, attempt }
  const known = Object.entries(columns).filter(([, value]) => value !== undefined)
  return {
    set: known.map(([column]) => `#${column} = :${column}`).join(', '),
    values: Object.fromEntries(known.map(([column, value]) => [`:${column}`, value])),
  }
}
