import { expressionInput, given } from './expressions.ts'
import { pageOf } from './next-token.ts'
import type { TableOperation } from './operation.ts'

/** `ctx.result` is a page: `{items, nextToken, scannedCount}`. */
export const scan: TableOperation = async (table, request) => {
  const output = await table.call('Scan', {
    ...given({
      TableName: table.tableName,
      IndexName: request.index,
      Limit: request.limit,
      ConsistentRead: request.consistentRead,
      Select: request.select,
      Segment: request.segment,
      TotalSegments: request.totalSegments,
      ExclusiveStartKey: table.tokens.read(request.nextToken),
    }),
    ...expressionInput({ FilterExpression: request.filter, ProjectionExpression: request.projection }),
  })
  return pageOf(output, table.tokens)
}
