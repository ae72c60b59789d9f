import { filterExpression } from './filter-expression.ts'
import { ResolverError } from './invocation.ts'
import { toSubscriptionFilter } from './subscription-filter.ts'

function expressionText(filter: unknown): string | null {
  const expression = filterExpression(filter)
  return expression && JSON.stringify(expression)
}

/** `util.transform` */
export const transform = {
  toDynamoDBFilterExpression: expressionText,
  toDynamoDBConditionExpression: expressionText,
  toSubscriptionFilter,
  toElasticsearchQueryDSL(): never {
    throw new ResolverError(
      'util.transform.toElasticsearchQueryDSL is not emulated locally: no OpenSearch runs here',
      'Code',
    )
  },
}
