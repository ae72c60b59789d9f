import { badRequest } from '../data-source.ts'
import { fromWire, toWire } from './attribute-values.ts'
import { expressionInput } from './expressions.ts'
import type { TableOperation } from './operation.ts'
import { transactionFailure } from './transaction-failure.ts'

interface Write {
  table: string
  operation: string
  key: Record<string, unknown>
  attributeValues?: Record<string, unknown>
  update?: unknown
  condition?: { returnValuesOnConditionCheckFailure?: boolean }
}

function transactItem({ table, operation, key, attributeValues, update, condition }: Write) {
  const returned = condition && condition.returnValuesOnConditionCheckFailure !== false
  const common = {
    TableName: table,
    ...(returned ? { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } : {}),
    ...expressionInput({ UpdateExpression: update, ConditionExpression: condition }),
  }
  switch (operation) {
    case 'PutItem':
      return { Put: { ...common, Item: toWire({ ...attributeValues, ...key }) } }
    case 'UpdateItem':
      return { Update: { ...common, Key: toWire(key) } }
    case 'DeleteItem':
      return { Delete: { ...common, Key: toWire(key) } }
    case 'ConditionCheck':
      return { ConditionCheck: { ...common, Key: toWire(key) } }
    default:
      throw badRequest(
        `operation of a transactItem must be PutItem, UpdateItem, DeleteItem or ConditionCheck, got ${operation}`,
      )
  }
}

/** `ctx.result` is `{keys, cancellationReasons}`; a failed condition is not read again as a single write's is. */
export const transactWriteItems: TableOperation = async ({ call }, request) => {
  const writes = request.transactItems as Write[]
  try {
    await call('TransactWriteItems', { TransactItems: writes.map(transactItem) })
  } catch (error) {
    throw transactionFailure(error, 'keys')
  }
  return { keys: writes.map(({ key }) => fromWire(toWire(key))), cancellationReasons: null }
}
