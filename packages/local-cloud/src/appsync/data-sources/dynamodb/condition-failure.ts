import { isDeepStrictEqual } from 'node:util'
import { DataSourceError } from '../data-source.ts'
import { itemFromWire, toWire } from './attribute-values.ts'
import { DynamoDbFailure } from './dynamodb-failure.ts'
import type { Request, Table } from './operation.ts'

interface Condition {
  equalsIgnore?: string[]
  consistentRead?: boolean
  conditionalCheckFailedHandler?: { strategy?: string }
}

type Item = Record<string, unknown>

function without(item: Item, names: string[]): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)))
}

/** Whether the item that stands is what a put would have written. */
export function standsAlready(current: Item | null, attempted: Item, ignored: string[]): boolean {
  return current !== null && isDeepStrictEqual(without(current, ignored), without(attempted, ignored))
}

/**
 * Writes, and when the condition fails does what AppSync does: it reads the item, and if `settled` says that what was
 * wanted is the case already, that is a success. Otherwise the error carries the item.
 */
export async function writeOnCondition(
  table: Table,
  request: Request,
  write: () => Promise<unknown>,
  settled: (current: Item | null, ignored: string[]) => boolean,
): Promise<unknown> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof DynamoDbFailure) || error.exception !== 'ConditionalCheckFailedException') throw error
    const condition = request.condition as Condition
    if (condition.conditionalCheckFailedHandler?.strategy === 'Custom') {
      const message = 'conditionalCheckFailedHandler: the strategy Custom is not emulated locally, use Reject'
      throw new DataSourceError('DynamoDB:DynamoDbException', message)
    }
    const current = await readItem(table, request, condition.consistentRead ?? true)
    if (settled(current, condition.equalsIgnore ?? [])) return current
    throw new DataSourceError(error.type, error.message, current)
  }
}

async function readItem(table: Table, request: Request, consistent: boolean): Promise<Item | null> {
  const { tableName, call } = table
  const input = { TableName: tableName, Key: toWire(request.key as Item), ConsistentRead: consistent }
  return itemFromWire((await call('GetItem', input)).Item)
}
