import { type GraphQLSchema, isObjectType } from 'graphql'
import type { AppSyncApi, FunctionDefinition, ResolverDefinition } from '../api.ts'
import type { DataSource } from '../data-sources/data-source.ts'
import { compileHandlers } from './compile.ts'
import { createFieldResolver, type Surroundings } from './field-resolver.ts'
import type { Pipeline } from './run-pipeline.ts'
import type { Step } from './run-step.ts'

const MAX_FUNCTIONS = 10

type Sources = Map<string, DataSource>

function sourceOf(sources: Sources, name: string | undefined, user: string): DataSource {
  const source = name === undefined ? undefined : sources.get(name)
  if (!source) throw new Error(`${user} names data source ${name}; the API has ${[...sources.keys()].join(', ')}.`)
  return source
}

function compileFunction(definition: FunctionDefinition, sources: Sources): Step {
  const handlers = compileHandlers(definition.code ?? '', definition.name)
  if (!handlers.request || !handlers.response) {
    throw new Error(`function ${definition.name} must export request and response`)
  }
  return { handlers, dataSource: sourceOf(sources, definition.dataSourceName, `function ${definition.name}`) }
}

function compileResolver(
  definition: ResolverDefinition,
  sources: Sources,
  functions: Map<string, Step>,
): Step | Pipeline {
  const name = `${definition.typeName}.${definition.fieldName}`
  const handlers = compileHandlers(definition.code ?? '', name)
  if (definition.kind !== 'PIPELINE') {
    // Without code it is a direct Lambda resolver, whose function gets the whole context.
    if (definition.code && !(handlers.request && handlers.response)) {
      throw new Error(`resolver ${name} must export request and response`)
    }
    return { handlers, dataSource: sourceOf(sources, definition.dataSourceName, `resolver ${name}`) }
  }
  const ids = definition.functionIds ?? []
  if (ids.length > MAX_FUNCTIONS)
    throw new Error(`resolver ${name} has ${ids.length} functions; ${MAX_FUNCTIONS} are allowed`)
  return {
    handlers,
    functions: ids.map((id) => {
      const step = functions.get(id)
      if (!step) throw new Error(`resolver ${name} names function ${id}, which the API does not have.`)
      return step
    }),
  }
}

/** Compiles the API's code and hangs it on the fields of the schema. */
export function attachResolvers(schema: GraphQLSchema, api: AppSyncApi, sources: Sources, around: Surroundings): void {
  const functions = new Map(
    api.functions.map((definition) => [definition.functionId, compileFunction(definition, sources)]),
  )
  for (const definition of api.resolvers) {
    const type = schema.getType(definition.typeName)
    const field = isObjectType(type) ? type.getFields()[definition.fieldName] : undefined
    if (!field) throw new Error(`resolver ${definition.typeName}.${definition.fieldName} names no field of the schema.`)
    field.resolve = createFieldResolver(compileResolver(definition, sources, functions), around)
  }
}
