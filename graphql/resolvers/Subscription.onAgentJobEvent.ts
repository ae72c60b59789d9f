import type { Context, NONERequest } from '@aws-appsync/utils'
import { callerOf } from '../access.ts'
import { isEqual, setFilter } from '../subscription-filter.ts'

export function request(): NONERequest {
  return { payload: null }
}

/** The job may not exist yet, so it is the events' own owner that decides. */
export function response(ctx: Context<{ jobId: string }>): null {
  const caller = callerOf(ctx)
  const ofJob = isEqual('jobId', ctx.args.jobId)
  setFilter([caller.seesAll ? [ofJob] : [ofJob, isEqual('owner', caller.sub)]])
  return null
}
