import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql'
import { wireResolverError } from '../graphql/errors.ts'
import type { Operation } from '../graphql/operation.ts'
import { createInvocation, EarlyReturn, type Invocation, ResolverError } from '../runtime/invocation.ts'
import { createContext } from './context.ts'
import { guardField } from './field-guard.ts'
import { type Pipeline, runPipeline } from './run-pipeline.ts'
import { isPromise, runStep, type Step } from './run-step.ts'
import { selectedOnly } from './selection-set.ts'

/** What every field of an API's resolvers needs to run. */
export interface Surroundings {
  environment: Record<string, string>
  resolverCountLimit: number
  now: () => number
  log: (line: string) => void
}

type Resolve = GraphQLFieldResolver<unknown, Operation, Record<string, unknown>>

function pathOf(info: GraphQLResolveInfo): (string | number)[] {
  const keys: (string | number)[] = []
  for (let path: GraphQLResolveInfo['path'] | undefined = info.path; path; path = path.prev) keys.unshift(path.key)
  return keys
}

/** The `data` of an error holds only what the field's selection set asks for. */
function withSelectedData(error: unknown, info: GraphQLResolveInfo): unknown {
  if (!(error instanceof ResolverError) || error.data === null) return error
  const data = selectedOnly(error.data, info.fieldNodes[0]?.selectionSet, info.fragments)
  return new ResolverError(error.message, error.errorType, data, error.errorInfo)
}

function finish(value: unknown, operation: Operation, invocation: Invocation, info: GraphQLResolveInfo): unknown {
  for (const error of invocation.errors) {
    const appended = withSelectedData(error, info) as ResolverError
    const locations = info.fieldNodes[0]?.loc
    const line = locations && [{ line: locations.startToken.line, column: locations.startToken.column }]
    operation.appended.push(wireResolverError(appended, pathOf(info), line))
  }
  return value instanceof EarlyReturn ? value.value : value
}

/** Builds the `resolve` of a field with a unit resolver or a pipeline; it is synchronous as long as its data source is. */
export function createFieldResolver(run: Step | Pipeline, around: Surroundings): Resolve {
  const start = (context: ReturnType<typeof createContext>, invocation: Invocation) =>
    'functions' in run ? runPipeline(run, context, invocation) : runStep(run, context, invocation)

  return (source, args, operation, info) => {
    if (operation.denied || operation.depthLimit !== undefined) guardField(operation, info)
    operation.resolversRun += 1
    if (operation.resolversRun > around.resolverCountLimit) {
      const message = `this request runs more than ${around.resolverCountLimit} resolvers, the resolverCountLimit of the API`
      throw new ResolverError(message, 'ResolverExecutionLimitReached')
    }
    const invocation = createInvocation({
      typeName: info.parentType.name,
      fieldName: info.fieldName,
      authType: operation.caller.authType,
      now: around.now,
      log: around.log,
      responseHeaders: operation.responseHeaders,
      invalidations: operation.invalidations,
    })
    operation.subscription = invocation
    const context = createContext(source, args, operation, around.environment, info)
    try {
      const value = start(context, invocation)
      if (!isPromise(value)) return finish(value, operation, invocation, info)
      return value.then(
        (settled) => finish(settled, operation, invocation, info),
        (error) => {
          finish(undefined, operation, invocation, info)
          throw withSelectedData(error, info)
        },
      )
    } catch (error) {
      finish(undefined, operation, invocation, info)
      throw withSelectedData(error, info)
    }
  }
}
