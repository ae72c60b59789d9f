import type { Context, NONERequest } from '@aws-appsync/utils'
import { checkBackend } from '../access.ts'
import { type JobItem, jobFromItem } from '../job-item.ts'

/** Stores nothing: the answer of this mutation is what AppSync pushes to its subscribers. */
export function request(ctx: Context<{ input: JobItem }>): NONERequest {
  checkBackend(ctx)
  return { payload: jobFromItem(ctx.args.input) }
}

export function response(ctx: Context): JobItem {
  return ctx.result
}
