import { type Context, type DynamoDBGetItemRequest, util } from '@aws-appsync/utils'
import { callerOf, maySee } from '../access.ts'
import { type JobItem, jobFromItem } from '../job-item.ts'
import { raiseError } from '../refusals.ts'

export function request(ctx: Context<{ id: string }>): DynamoDBGetItemRequest {
  return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.args.id }), consistentRead: true }
}

export function response(ctx: Context): JobItem | null {
  raiseError(ctx)
  // Somebody else's job looks like none: an id tells a stranger nothing.
  if (!ctx.result || !maySee(callerOf(ctx), ctx.result.owner)) return null
  // Only now, so that the next step cannot fetch what the caller may not see.
  ctx.stash.resultKey = ctx.result.resultKey
  return jobFromItem(ctx.result)
}
