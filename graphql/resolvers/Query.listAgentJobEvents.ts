import type { Context } from '@aws-appsync/utils'

export interface ListEventsArguments {
  jobId: string
  after?: number | null
  limit?: number | null
  nextToken?: string | null
}

export function request(): Record<string, never> {
  return {}
}

export function response(ctx: Context): unknown {
  return ctx.prev.result
}
