import { type GraphQLError, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { ResolverError } from '../runtime/invocation.ts'
import { awsMessage } from './messages.ts'

/** One entry of `errors` as AppSync writes it: the members stand at the top level, there are no `extensions`. */
export interface WireError {
  path: readonly (string | number)[] | null
  data?: unknown
  errorType?: string | null
  errorInfo?: unknown
  locations: { line: number; column: number; sourceName: null }[] | null
  message: string
}

type Locations = GraphQLError['locations']

export function wireLocations(locations: Locations): WireError['locations'] {
  return locations?.map(({ line, column }) => ({ line, column, sourceName: null })) ?? null
}

/** An error of a resolver in the shape of the wire. */
export function wireResolverError(error: ResolverError, path: WireError['path'], locations: Locations): WireError {
  return {
    path,
    data: error.data,
    errorType: error.errorType,
    errorInfo: error.errorInfo,
    locations: wireLocations(locations),
    message: error.message,
  }
}

const NULL_IN_NON_NULL = /^Cannot return null for non-nullable field (\w+)\.(\w+)\.$/

function nonNullableMessage(schema: GraphQLSchema, error: GraphQLError): string | undefined {
  const found = NULL_IN_NON_NULL.exec(error.message)
  const parent = found && schema.getType(found[1] as string)
  if (!found || !(isObjectType(parent) || isInterfaceType(parent))) return undefined
  const type = parent.getFields()[found[2] as string]?.type
  const named = String(type).replace(/!$/, '')
  return `Cannot return null for non-nullable type: '${named}' within parent '${parent.name}' (/${error.path?.join('/')})`
}

/** An error of graphql-js, or of a resolver that it carries, in the shape of the wire. */
export function wireError(schema: GraphQLSchema, error: GraphQLError): WireError {
  if (error.originalError instanceof ResolverError) {
    return wireResolverError(error.originalError, error.path ?? null, error.locations)
  }
  const missing = nonNullableMessage(schema, error)
  if (missing) return { path: error.path ?? null, locations: null, message: missing }
  return { path: error.path ?? null, locations: wireLocations(error.locations), message: awsMessage(error) }
}
