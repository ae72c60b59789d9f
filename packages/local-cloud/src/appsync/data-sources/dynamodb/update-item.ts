import { itemFromWire, toWire } from './attribute-values.ts'
import { writeOnCondition } from './condition-failure.ts'
import { expressionInput } from './expressions.ts'
import type { TableOperation } from './operation.ts'

/** `ctx.result` is the item after the update, which creates it when it is missing. */
export const updateItem: TableOperation = (table, request) => {
  const write = async () => {
    const { Attributes } = await table.call('UpdateItem', {
      TableName: table.tableName,
      Key: toWire(request.key as Record<string, unknown>),
      ReturnValues: 'ALL_NEW',
      ...expressionInput({ UpdateExpression: request.update, ConditionExpression: request.condition }),
    })
    return itemFromWire(Attributes)
  }
  return writeOnCondition(table, request, write, () => false)
}
