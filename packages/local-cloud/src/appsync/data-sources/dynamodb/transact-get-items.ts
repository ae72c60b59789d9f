import { itemFromWire, toWire } from './attribute-values.ts'
import { expressionInput } from './expressions.ts'
import type { TableOperation } from './operation.ts'
import { transactionFailure } from './transaction-failure.ts'

interface Wanted {
  table: string
  key: Record<string, unknown>
  projection?: unknown
}

/** `ctx.result` is `{items, cancellationReasons}`. */
export const transactGetItems: TableOperation = async ({ call }, request) => {
  const TransactItems = (request.transactItems as Wanted[]).map(({ table, key, projection }) => ({
    Get: { TableName: table, Key: toWire(key), ...expressionInput({ ProjectionExpression: projection }) },
  }))
  try {
    const { Responses } = await call('TransactGetItems', { TransactItems })
    const items = (Responses as { Item?: unknown }[]).map(({ Item }) => itemFromWire(Item))
    return { items, cancellationReasons: null }
  } catch (error) {
    throw transactionFailure(error, 'items')
  }
}
