import { fromWire, toWire } from './attribute-values.ts'
import { standsAlready, writeOnCondition } from './condition-failure.ts'
import { expressionInput } from './expressions.ts'
import type { TableOperation } from './operation.ts'

/** `ctx.result` is the item as written. */
export const putItem: TableOperation = (table, request) => {
  const item = toWire({ ...(request.attributeValues as object), ...(request.key as object) })
  const plain = fromWire(item)
  const write = async () => {
    const condition = expressionInput({ ConditionExpression: request.condition })
    await table.call('PutItem', { TableName: table.tableName, Item: item, ...condition })
    return plain
  }
  // A put whose very item stands already has succeeded, whatever its condition said.
  return writeOnCondition(table, request, write, (current, ignored) => standsAlready(current, plain, ignored))
}
