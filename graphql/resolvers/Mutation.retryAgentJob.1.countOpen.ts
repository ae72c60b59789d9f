import { type Context, type DynamoDBQueryRequest, util } from '@aws-appsync/utils'
import { queryOpen, refusalOfOpen } from '../owner-limits.ts'
import { raiseError } from '../refusals.ts'

export function request(ctx: Context): DynamoDBQueryRequest {
  return queryOpen(ctx)
}

export function response(ctx: Context): null {
  raiseError(ctx)
  const refusal = refusalOfOpen(ctx, ctx.result.items)
  if (refusal) util.error(refusal.message, refusal.errorType)
  return null
}
