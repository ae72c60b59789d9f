import { DataSourceError } from '../data-source.ts'
import { fromWire } from './attribute-values.ts'
import { DynamoDbFailure } from './dynamodb-failure.ts'

/** What DynamoDB calls a reason, and what AppSync makes of it. */
const REASONS: Record<string, { type: string; message: string }> = {
  None: { type: 'None', message: 'None' },
  ConditionalCheckFailed: { type: 'ConditionCheckFailed', message: 'The condition check failed.' },
}

/** A cancelled transaction as AppSync shows it: `ctx.result` says for each member why. */
export function transactionFailure(error: unknown, results: 'keys' | 'items'): unknown {
  if (!(error instanceof DynamoDbFailure) || !error.cancellationReasons) return error
  const cancellationReasons = error.cancellationReasons.map(({ Code = 'None', Message, Item }) => ({
    ...(REASONS[Code] ?? { type: Code, message: Message }),
    ...(Item ? { item: fromWire(Item) } : {}),
  }))
  return new DataSourceError(error.type, error.message, { [results]: null, cancellationReasons })
}
