import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import { DUE_SHARDS, PATIENCE_MS } from '../job/due.ts'
import type { Job, JobError } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import type { JobTable } from './write.ts'
import { changeRow, ttlAt } from './write.ts'

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
export function requeueLostWorker(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :processing AND leaseExpiresAt <= :nowMs',
    set: '#status = :pending, #error = :error, dueAt = :due',
    remove: 'claimToken, leaseExpiresAt, runAt, elapsedMs',
    values: {
      ':processing': 'PROCESSING',
      ':pending': 'PENDING',
      ':nowMs': now,
      ':error': error,
      ':due': now + PATIENCE_MS,
    },
  })
}

/**
 * The same for the worker of a host that died, and that began before `since`: nobody can be at work there, and the attempt
 * counts for nothing. False when the job has no such worker.
 */
export function handOverForDead(jobs: JobTable, id: string, since: number, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :processing AND updatedAt < :since',
    set: '#status = :pending, attempt = if_not_exists(attempt, :one) - :one, dueAt = :due',
    remove: 'claimToken, leaseExpiresAt, runAt',
    values: {
      ':processing': 'PROCESSING',
      ':pending': 'PENDING',
      ':since': isoTime(since),
      ':due': now + PATIENCE_MS,
    },
  })
}

/** Ends the job whose worker died in its last attempt. False when the worker lives, or somebody was faster. */
export function giveUpLostWorker(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :processing AND leaseExpiresAt <= :nowMs',
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, openOwner',
    values: {
      ':processing': 'PROCESSING',
      ':failed': 'FAILED',
      ':nowMs': now,
      ':error': error,
      ':ttl': ttlAt(jobs, now),
    },
  })
}

/** Writes the waiting job, so that the table's stream dispatches it once more. False when it is waiting no longer. */
export function touchOverdue(
  jobs: JobTable,
  id: string,
  { dueAt, touches }: { dueAt: number; touches: number },
  now: number,
): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :pending AND dueAt <= :nowMs',
    set: 'dueAt = :due, touches = :touches',
    values: { ':pending': 'PENDING', ':nowMs': now, ':due': dueAt, ':touches': touches },
  })
}

/**
 * Lets a turn wait on behind the earlier ones of its session. The write has the session looked at, in case word of an end
 * was lost. False when the turn is waiting no longer.
 */
export function postponeTurn(jobs: JobTable, id: string, dueAt: number, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :pending AND dueAt <= :nowMs',
    set: 'dueAt = :due',
    values: { ':pending': 'PENDING', ':nowMs': now, ':due': dueAt },
  })
}

/** Ends the job that no worker ever took. False when one did after all, or somebody was faster. */
export function giveUpUnstarted(jobs: JobTable, id: string, error: JobError, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :pending AND dueAt <= :nowMs',
    set: '#status = :failed, #error = :error, completedAt = :now, #ttl = if_not_exists(#ttl, :ttl)',
    remove: 'dueShard, dueAt, openOwner, runAt',
    values: { ':pending': 'PENDING', ':failed': 'FAILED', ':nowMs': now, ':error': error, ':ttl': ttlAt(jobs, now) },
  })
}

/** Takes a job that is over out of the index: an edit by hand can end a job and leave its due time behind. */
export function stopLooking(jobs: JobTable, { id, status }: Job, now: number): Promise<boolean> {
  return changeRow(jobs, id, now, {
    if: '#status = :status AND attribute_exists(dueAt)',
    remove: 'claimToken, leaseExpiresAt, dueShard, dueAt, openOwner',
    values: { ':status': status },
  })
}
