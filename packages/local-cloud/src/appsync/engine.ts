import { execute, type GraphQLSchema, type OperationDefinitionNode } from 'graphql'
import type { AppSyncApi } from './api.ts'
import type { Caller } from './authorization/authenticate.ts'
import { createFieldAccess } from './authorization/field-access.ts'
import type { Modes } from './authorization/modes.ts'
import { createDataSources } from './data-sources/create-data-sources.ts'
import { chooseOperation, createDocuments, type Documents, deniedFields, type Prepared } from './graphql/documents.ts'
import { type WireError, wireError } from './graphql/errors.ts'
import { createOperation, type Operation } from './graphql/operation.ts'
import { buildExecutableSchema } from './graphql/schema.ts'
import { attachResolvers } from './resolvers/attach.ts'
import { readField, readGuardedField } from './resolvers/field-guard.ts'
import type { Surroundings } from './resolvers/field-resolver.ts'

export interface GraphQLRequest {
  query: string
  variables?: Record<string, unknown> | null
  operationName?: string | null
}

export interface Answer {
  data: Record<string, unknown> | null
  errors?: WireError[]
}

/** A document and the one of its operations to run. */
export interface ChosenOperation {
  prepared: Prepared
  definition: OperationDefinitionNode
}

/** The operation to run, or what is wrong with the document. */
export type Chosen = ChosenOperation | { errors: WireError[] }

// AppSync's own ceiling when the API sets none.
const MAX_RESOLVERS = 10_000

/** Runs the operations of one API. */
export interface Engine {
  schema: GraphQLSchema
  choose(request: GraphQLRequest): Chosen
  run(chosen: ChosenOperation, request: GraphQLRequest, operation: Operation): Answer | Promise<Answer>
  operation(caller: Caller, headers: Operation['headers'], prepared: Prepared, request: GraphQLRequest): Operation
}

function choose(documents: Documents, request: GraphQLRequest): Chosen {
  const prepared = documents(request.query)
  if ('errors' in prepared) return prepared
  const definition = chooseOperation(prepared, request.operationName)
  if (definition) return { prepared, definition }
  const names = prepared.operations.map((operation) => operation.name?.value ?? '(anonymous)').join(', ')
  const message = `operationName is ${request.operationName ?? 'not given'}; the document has ${names || 'no operation'}.`
  return { errors: [{ path: null, locations: null, message }] }
}

export function createEngine(api: AppSyncApi, modes: Modes, around: Pick<Surroundings, 'now' | 'log'>): Engine {
  const schema = buildExecutableSchema(api.schema)
  attachResolvers(schema, api, createDataSources(api, around.log), {
    ...around,
    environment: api.environmentVariables ?? {},
    resolverCountLimit: api.resolverCountLimit || MAX_RESOLVERS,
  })
  const documents = createDocuments(schema, api)
  const mayAccess = createFieldAccess(schema, modes)

  const answer = (
    result: { data?: Record<string, unknown> | null; errors?: readonly unknown[] },
    operation: Operation,
  ) => {
    const errors = [
      ...operation.appended,
      ...(result.errors ?? []).map((error) => wireError(schema, error as Parameters<typeof wireError>[1])),
    ]
    return errors.length > 0 ? { data: result.data ?? null, errors } : { data: result.data ?? null }
  }

  return {
    schema,
    choose: (request) => choose(documents, request),
    operation(caller, headers, prepared, request) {
      const operation = createOperation(caller, headers, request.variables ?? {})
      const denied = deniedFields(prepared, caller, mayAccess)
      if (denied) operation.denied = denied
      if (prepared.tooDeep) operation.depthLimit = Number(api.queryDepthLimit)
      return operation
    },
    run({ prepared }, request, operation) {
      const guarded = operation.denied || operation.depthLimit !== undefined
      const result = execute({
        schema,
        document: prepared.document,
        contextValue: operation,
        variableValues: request.variables ?? {},
        operationName: request.operationName,
        fieldResolver: (guarded ? readGuardedField : readField) as typeof readField,
      })
      return 'then' in result ? result.then((settled) => answer(settled, operation)) : answer(result, operation)
    },
  }
}
