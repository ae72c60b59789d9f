import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { isoTime } from '../clock.ts'

export interface JobTable {
  documents: DynamoDBDocumentClient
  table: string
  /** How long a job stays after its end, unless its owner said otherwise. */
  resultTtlSeconds: number
}

/** What a worker has of a job: its id, and the token that fences off whoever had it before. */
export interface Lease {
  id: string
  token: string
}

/** Expressions of DynamoDB. `#name` is the column of that name: status, error, ttl and usage are reserved words. */
export interface RowChange {
  /** The row changes only while this holds. */
  if: string
  set?: string
  remove?: string
  /** Beside `:now`, the time of the change as ISO 8601, and `:one`: those are always there. */
  values: Record<string, unknown>
}

/** Changes a row; what every change of a row does, it does here. False when the condition refused it. */
export function changeRow(jobs: JobTable, id: string, now: number, change: RowChange): Promise<boolean> {
  return conditional(() => jobs.documents.send(new UpdateCommand(statement(jobs, id, now, change))))
}

type Row = Record<string, unknown>

/** The same, and answers with the row as it is then, or with the one that stands (if any) when it was refused. */
export async function changeAndReadRow(
  jobs: JobTable,
  id: string,
  now: number,
  change: RowChange,
): Promise<{ row: Row } | { row?: undefined; standing?: Row }> {
  try {
    const { Attributes = {} } = await jobs.documents.send(
      new UpdateCommand({
        ...statement(jobs, id, now, change),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )
    return { row: Attributes }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return error.Item ? { standing: unmarshall(error.Item, { wrapNumbers: Number }) } : {}
  }
}

function statement({ table }: JobTable, id: string, now: number, { if: condition, set, remove, values }: RowChange) {
  // A reader drops what has an older version than what it knows: so no write may leave it as it was.
  const bump = 'version = if_not_exists(version, :one) + :one, updatedAt = :now'
  const update = `SET ${set ? `${set}, ` : ''}${bump}${remove ? ` REMOVE ${remove}` : ''}`
  const names = `${condition} ${update}`.match(/#\w+/g) ?? []
  return {
    TableName: table,
    Key: { id },
    ConditionExpression: condition,
    UpdateExpression: update,
    ExpressionAttributeNames:
      names.length > 0 ? Object.fromEntries(names.map((name) => [name, name.slice(1)])) : undefined,
    ExpressionAttributeValues: { ...values, ':now': isoTime(now), ':one': 1 },
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

/** When a job that ends now is deleted, in epoch seconds. */
export function ttlAt({ resultTtlSeconds }: JobTable, now: number): number {
  return Math.floor(now / 1000) + resultTtlSeconds
}
