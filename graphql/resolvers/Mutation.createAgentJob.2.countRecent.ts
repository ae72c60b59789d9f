import { type Context, type DynamoDBQueryRequest, runtime } from '@aws-appsync/utils'
import { queryRecent, refusalOfRecent } from '../owner-limits.ts'
import { raiseError } from '../refusals.ts'

export function request(ctx: Context): DynamoDBQueryRequest {
  if (ctx.stash.refusal) runtime.earlyReturn()
  return queryRecent(ctx)
}

export function response(ctx: Context): null {
  raiseError(ctx)
  ctx.stash.refusal = refusalOfRecent(ctx, ctx.result.items)
  return null
}
