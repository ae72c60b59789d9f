import { expressionInput, given } from './expressions.ts'
import { pageOf } from './next-token.ts'
import type { TableOperation } from './operation.ts'

/** `ctx.result` is a page: `{items, nextToken, scannedCount}`. */
export const query: TableOperation = async (table, request) => {
  const output = await table.call('Query', {
    ...given({
      TableName: table.tableName,
      IndexName: request.index,
      Limit: request.limit,
      ConsistentRead: request.consistentRead,
      ScanIndexForward: request.scanIndexForward ?? true,
      Select: request.select,
      ExclusiveStartKey: table.tokens.read(request.nextToken),
    }),
    ...expressionInput({
      KeyConditionExpression: request.query,
      FilterExpression: request.filter,
      ProjectionExpression: request.projection,
    }),
  })
  return pageOf(output, table.tokens)
}
