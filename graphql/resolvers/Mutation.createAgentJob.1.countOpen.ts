import { type Context, type DynamoDBQueryRequest, runtime } from '@aws-appsync/utils'
import { queryOpen, refusalOfOpen } from '../owner-limits.ts'
import { raiseError } from '../refusals.ts'

export function request(ctx: Context): DynamoDBQueryRequest {
  if (ctx.stash.refusal) runtime.earlyReturn()
  return queryOpen(ctx)
}

export function response(ctx: Context): null {
  raiseError(ctx)
  ctx.stash.refusal = refusalOfOpen(ctx, ctx.result.items)
  return null
}
