import { itemFromWire, toWire } from './attribute-values.ts'
import { writeOnCondition } from './condition-failure.ts'
import { expressionInput } from './expressions.ts'
import type { TableOperation } from './operation.ts'

/** `ctx.result` is the item as it was, or null. */
export const deleteItem: TableOperation = (table, request) => {
  const write = async () => {
    const { Attributes } = await table.call('DeleteItem', {
      TableName: table.tableName,
      Key: toWire(request.key as Record<string, unknown>),
      ReturnValues: 'ALL_OLD',
      ...expressionInput({ ConditionExpression: request.condition }),
    })
    return itemFromWire(Attributes)
  }
  // Nothing there to delete is what was wanted.
  return writeOnCondition(table, request, write, (current) => current === null)
}
