import { GetCommand, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import type { Job, JobError } from '../job/job.ts'
import { PATIENCE_MS } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import { DUE_SHARDS } from './claim.ts'
import type { JobTable } from './leased.ts'
import { conditional, ttlAt } from './leased.ts'

/** The ids of the jobs that somebody should have looked at by `now`, page by page. */
export async function* findOverdue({ documents, table }: JobTable, now: number): AsyncGenerator<string[]> {
  for (let shard = 0; shard < DUE_SHARDS; shard++) {
    const pages = paginateQuery(
      { client: documents, pageSize: 100 },
      {
        TableName: table,
        IndexName: 'byDue',
        KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': now },
      },
    )
    for await (const { Items = [] } of pages) yield Items.map(({ id }) => id as string)
  }
}

/** The row as it is now; undefined when it was deleted since the index was read. */
export async function readRow({ documents, table }: JobTable, id: string, now: number): Promise<Job | undefined> {
  const { Item } = await documents.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }))
  return Item && readJob(Item, isoTime(now))
}

/** Puts the job of a worker that died back in line. False when the worker lives after all, or somebody was faster. */
export function requeueLostWorker({ documents, table }: JobTable, id: string, error: JobError, now: number) {
  return conditional(() =>
    documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { id },
        ConditionExpression: '#status = :processing AND leaseExpiresAt <= :nowMs',
        UpdateExpression: `SET #status = :pending, #error = :error, dueAt = :due,
            version = if_not_exists(version, :one) + :one, updatedAt = :now
          REMOVE claimToken, leaseExpiresAt, runAt, elapsedMs`,
        ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
        ExpressionAttributeValues: {
          ':processing': 'PROCESSING',
          ':pending': 'PENDING',
          ':nowMs': now,
          ':now': isoTime(now),
          ':error': error,
          ':due': now + PATIENCE_MS,
          ':one': 1,
        },
      }),
    ),
  )
}

/** Ends the job whose worker died in its last attempt. False when the worker lives, or somebody was faster. */
export function giveUpLostWorker(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return conditional(() =>
    jobs.documents.send(
      new UpdateCommand({
        TableName: jobs.table,
        Key: { id },
        ConditionExpression: '#status = :processing AND leaseExpiresAt <= :nowMs',
        UpdateExpression: `SET #status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl),
            version = if_not_exists(version, :one) + :one, updatedAt = :now
          REMOVE claimToken, leaseExpiresAt, dueShard, dueAt`,
        ExpressionAttributeNames: { '#status': 'status', '#error': 'error', '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':processing': 'PROCESSING',
          ':failed': 'FAILED',
          ':nowMs': now,
          ':now': isoTime(now),
          ':error': error,
          ':ttl': ttlAt(jobs, now),
          ':one': 1,
        },
      }),
    ),
  )
}

/** Ends the job that nobody started in time. False when somebody did after all, or was faster. */
export function expire(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return conditional(() =>
    jobs.documents.send(
      new UpdateCommand({
        TableName: jobs.table,
        Key: { id },
        ConditionExpression: `#status = :pending AND deadline <= :now AND attribute_not_exists(startedAt)
          AND (attribute_not_exists(attempt) OR attempt = :zero)`,
        UpdateExpression: `SET #status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl),
            version = if_not_exists(version, :one) + :one, updatedAt = :now
          REMOVE dueShard, dueAt, runAt`,
        ExpressionAttributeNames: { '#status': 'status', '#error': 'error', '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':pending': 'PENDING',
          ':failed': 'FAILED',
          ':now': isoTime(now),
          ':error': error,
          ':ttl': ttlAt(jobs, now),
          ':zero': 0,
          ':one': 1,
        },
      }),
    ),
  )
}

/** Writes the waiting job, so that the table's stream dispatches it once more. False when it is waiting no longer. */
export function touchOverdue({ documents, table }: JobTable, id: string, dueAt: number, now: number) {
  return conditional(() =>
    documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { id },
        ConditionExpression: '#status = :pending AND dueAt <= :nowMs',
        UpdateExpression: 'SET dueAt = :due, version = if_not_exists(version, :one) + :one, updatedAt = :now',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':pending': 'PENDING',
          ':nowMs': now,
          ':now': isoTime(now),
          ':due': dueAt,
          ':one': 1,
        },
      }),
    ),
  )
}

/** Takes a job that is over out of the index: an edit by hand can end a job and leave its due time behind. */
export function stopLooking({ documents, table }: JobTable, { id, status }: Job, now: number): Promise<boolean> {
  return conditional(() =>
    documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { id },
        ConditionExpression: '#status = :status AND attribute_exists(dueAt)',
        UpdateExpression: `SET version = if_not_exists(version, :one) + :one, updatedAt = :now
          REMOVE claimToken, leaseExpiresAt, dueShard, dueAt`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': status, ':now': isoTime(now), ':one': 1 },
      }),
    ),
  )
}
