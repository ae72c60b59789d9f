import { EarlyReturn, ResolverError } from './invocation.ts'

/** `runtime` of APPSYNC_JS. */
export const runtime = Object.freeze({
  earlyReturn(value?: unknown, options?: { skipTo?: 'END' | 'NEXT' }): never {
    const skipTo = options?.skipTo
    if (skipTo !== undefined && skipTo !== 'END' && skipTo !== 'NEXT') {
      throw new ResolverError(`runtime.earlyReturn: skipTo must be END or NEXT, got ${String(skipTo)}`, 'Code')
    }
    throw new EarlyReturn(value ?? null, skipTo)
  },
})
