import { type DataSource, DataSourceError } from '../data-sources/data-source.ts'
import { callHandler, EarlyReturn, type Invocation, ResolverError } from '../runtime/invocation.ts'
import type { Handlers } from './compile.ts'
import type { ResolverContext } from './context.ts'

/** A handler pair with its data source: a unit resolver, or one function of a pipeline. */
export interface Step {
  handlers: Handlers
  dataSource: DataSource
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | null | undefined)?.then === 'function'
}

/** Runs a handler; a fault of the code itself becomes an error of the field that says where it happened. */
export function runHandler(
  handler: (context: unknown) => unknown,
  context: ResolverContext,
  invocation: Invocation,
): unknown {
  try {
    const value = callHandler(handler, context, invocation)
    if (isPromise(value)) throw new ResolverError('request and response must not be async in APPSYNC_JS', 'Code')
    return value
  } catch (error) {
    if (error instanceof EarlyReturn) return error
    if (error instanceof ResolverError) throw error
    const { message, stack } = error as Error
    invocation.log(`${invocation.typeName}.${invocation.fieldName}: ${stack ?? message}`)
    throw new ResolverError(`Runtime Error: ${message}`, 'JSExecutionError')
  }
}

function fail(context: ResolverContext, error: unknown, invocation: Invocation): void {
  if (error instanceof ResolverError) throw error
  if (!(error instanceof DataSourceError)) {
    const { message, stack } = error as Error
    invocation.log(`${invocation.typeName}.${invocation.fieldName}: the data source failed: ${stack ?? message}`)
    throw new ResolverError(`the local data source failed: ${message}`, 'InternalFailure')
  }
  context.error = { message: error.message, type: error.type }
  context.result = error.result
}

function respond(step: Step, context: ResolverContext, invocation: Invocation): unknown {
  if (step.handlers.response) return runHandler(step.handlers.response, context, invocation)
  if (context.error) throw new ResolverError(context.error.message, context.error.type)
  return context.result
}

/** request → data source → response. The value may be an `EarlyReturn`; it is a promise only if the data source's is. */
export function runStep(step: Step, context: ResolverContext, invocation: Invocation): unknown {
  context.result = undefined
  context.error = undefined
  const request = step.handlers.request ? runHandler(step.handlers.request, context, invocation) : undefined
  if (request instanceof EarlyReturn) return request
  let answer: unknown
  try {
    answer = step.dataSource(request, context)
  } catch (error) {
    fail(context, error, invocation)
    return respond(step, context, invocation)
  }
  if (!isPromise(answer)) {
    context.result = answer
    return respond(step, context, invocation)
  }
  const settled = answer.then(
    (result) => {
      context.result = result
    },
    (error) => fail(context, error, invocation),
  )
  return settled.then(() => respond(step, context, invocation))
}
