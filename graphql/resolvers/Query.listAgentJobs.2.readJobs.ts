import { type Context, type DynamoDBBatchGetItemRequest, runtime, util } from '@aws-appsync/utils'
import type { JobItem } from '../job-item.ts'
import { raiseError } from '../refusals.ts'

/** The index holds keys only, so that a change of status does not pay for it: the rows are read here. */
export function request(ctx: Context): DynamoDBBatchGetItemRequest {
  const { items } = ctx.prev.result
  // DynamoDB refuses a batch of nothing.
  if (ctx.stash.wholeRows || items.length === 0) runtime.earlyReturn(ctx.prev.result)
  const keys = items.map((item: JobItem) => util.dynamodb.toMapValues({ id: item.id }))
  return { operation: 'BatchGetItem', tables: { [ctx.env.AGENT_JOB_TABLE as string]: { keys } } }
}

export function response(ctx: Context): { items: JobItem[]; nextToken?: string | null } {
  raiseError(ctx)
  const table = ctx.env.AGENT_JOB_TABLE as string
  if ((ctx.result.unprocessedKeys?.[table] ?? []).length > 0) {
    util.error('the jobs of this page are too large to read at once: ask with a smaller limit', 'BadRequest')
  }
  const byId: Record<string, JobItem> = {}
  ctx.result.data[table].forEach((row: JobItem | null) => {
    if (row) byId[row.id as string] = row
  })
  const items = ctx.prev.result.items
    .map((key: JobItem) => byId[key.id as string])
    // Deleted between the two reads.
    .filter((row: JobItem | undefined) => row != null)
  return { items, nextToken: ctx.prev.result.nextToken }
}
