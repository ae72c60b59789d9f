import type { SubscriptionFilter } from './subscription-filter.ts'

/** What `util.error` throws and `util.appendError` keeps; its members stand at the top level of the error on the wire. */
export class ResolverError extends Error {
  readonly errorType: string | null
  readonly data: unknown
  readonly errorInfo: unknown

  constructor(message: string, errorType: string | null = null, data: unknown = null, errorInfo: unknown = null) {
    super(message)
    this.name = 'ResolverError'
    this.errorType = errorType
    this.data = data
    this.errorInfo = errorInfo
  }
}

/** What `runtime.earlyReturn` throws: the value, and which handler goes on. */
export class EarlyReturn {
  readonly value: unknown
  readonly skipTo: 'END' | 'NEXT' | undefined

  constructor(value: unknown, skipTo: 'END' | 'NEXT' | undefined) {
    this.value = value
    this.skipTo = skipTo
  }
}

/** What the handlers of one field change besides their return value. */
export interface Invocation {
  typeName: string
  fieldName: string
  /** As `util.authType()` answers. */
  authType: string
  now: () => number
  errors: ResolverError[]
  responseHeaders: Record<string, string>
  /** `undefined` until `extensions.setSubscriptionFilter` was called. */
  subscriptionFilter?: SubscriptionFilter | null
  invalidationFilter?: SubscriptionFilter | null
  invalidations: { subscriptionField: string; payload: Record<string, unknown> }[]
  log: (line: string) => void
}

export function createInvocation(about: Partial<Invocation> = {}): Invocation {
  return {
    typeName: 'Query',
    fieldName: 'field',
    authType: 'User Pool Authorization',
    now: Date.now,
    errors: [],
    responseHeaders: {},
    invalidations: [],
    log: console.log,
    ...about,
  }
}

// Handlers are synchronous, so one variable can tell the shared `util` which field is being resolved: nothing is
// built per request.
let running: Invocation | undefined

/** The invocation whose handler runs right now. */
export function current(): Invocation {
  if (!running) throw new ResolverError('util and extensions work only inside request() and response()', 'Code')
  return running
}

export function callHandler(handler: (context: unknown) => unknown, context: unknown, invocation: Invocation): unknown {
  const outer = running
  running = invocation
  try {
    return handler(context)
  } finally {
    running = outer
  }
}
