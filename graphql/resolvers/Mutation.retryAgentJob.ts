import type { Context } from '@aws-appsync/utils'
import type { JobItem } from '../job-item.ts'

export function request(): Record<string, never> {
  return {}
}

export function response(ctx: Context): JobItem {
  return ctx.prev.result
}
