import type { Context, NONERequest } from '@aws-appsync/utils'
import { filterJobs } from '../subscription-filter.ts'

export function request(): NONERequest {
  return { payload: null }
}

/** Every job has a version: the rule is there so that AppSync does not compare the arguments with the job instead. */
export function response(ctx: Context): null {
  filterJobs(ctx, { fieldName: 'version', operator: 'ge', value: 1 })
  return null
}
