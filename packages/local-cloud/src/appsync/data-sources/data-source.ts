import type { ResolverContext } from '../resolvers/context.ts'
import { ResolverError } from '../runtime/invocation.ts'

/** A failure of a data source: it becomes `ctx.error`, and `ctx.result` where AppSync still gives one. */
export class DataSourceError extends Error {
  readonly type: string
  readonly result: unknown

  constructor(type: string, message: string, result: unknown = null) {
    super(message)
    this.name = 'DataSourceError'
    this.type = type
    this.result = result
  }
}

/** Answers a resolver's request object with `ctx.result`, at once where it can. */
export type DataSource = (request: unknown, context: ResolverContext) => unknown

/** A request object that AppSync would not even try: it ends the field, and no response handler sees it. */
export function badRequest(message: string): ResolverError {
  return new ResolverError(message, 'MappingTemplate')
}
