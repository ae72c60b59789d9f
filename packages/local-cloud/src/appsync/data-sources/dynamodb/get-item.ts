import { itemFromWire, toWire } from './attribute-values.ts'
import { expressionInput } from './expressions.ts'
import type { TableOperation } from './operation.ts'

/** `ctx.result` is the item, or null. */
export const getItem: TableOperation = async ({ tableName, call }, request) => {
  const { Item } = await call('GetItem', {
    TableName: tableName,
    Key: toWire(request.key as Record<string, unknown>),
    ConsistentRead: request.consistentRead ?? false,
    ...expressionInput({ ProjectionExpression: request.projection }),
  })
  return itemFromWire(Item)
}
