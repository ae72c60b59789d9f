import { type Context, util } from '@aws-appsync/utils'

/** A value as an error message shows it: JSON, cut short. */
export function shown(value: unknown): string {
  if (value == null) return 'null'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** Whether the write was refused by its condition; AppSync then gives the row that stands as `ctx.result`. */
export function conditionFailed(ctx: Context): boolean {
  return ctx.error?.type === 'DynamoDB:ConditionalCheckFailedException'
}

/** Passes a data source's error on: a response handler that does not re-raise it turns it into success. */
export function raiseError(ctx: Context): void {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type)
}

/** A page size from the `limit` argument; more than a page holds means a full page. */
export function pageSize(limit: number | null | undefined, usual: number, most: number): number {
  if (limit == null) return usual
  if (limit < 1) util.error(`limit must be a whole number from 1 to ${most}, got ${shown(limit)}`, 'BadRequest')
  return limit > most ? most : limit
}
