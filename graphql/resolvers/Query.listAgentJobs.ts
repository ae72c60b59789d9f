import type { Context } from '@aws-appsync/utils'
import { type JobFilter, passes } from '../job-filter.ts'
import { type JobItem, jobFromItem } from '../job-item.ts'

export interface ListArguments {
  filter?: JobFilter | null
  limit?: number | null
  nextToken?: string | null
}

export function request(): Record<string, never> {
  return {}
}

export function response(ctx: Context<ListArguments>): { items: JobItem[]; nextToken: string | null } {
  const { filter } = ctx.args
  const jobs = ctx.prev.result.items.map((item: JobItem) => jobFromItem(item))
  return {
    items: filter ? jobs.filter((job: JobItem) => passes(job, filter)) : jobs,
    nextToken: ctx.prev.result.nextToken ?? null,
  }
}
