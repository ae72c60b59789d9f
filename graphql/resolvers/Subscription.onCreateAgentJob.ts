import type { Context, NONERequest } from '@aws-appsync/utils'
import { filterJobs, isEqual } from '../subscription-filter.ts'

export function request(): NONERequest {
  return { payload: null }
}

/** A job's first change is its creation, whoever wrote the row. */
export function response(ctx: Context): null {
  filterJobs(ctx, isEqual('version', 1))
  return null
}
