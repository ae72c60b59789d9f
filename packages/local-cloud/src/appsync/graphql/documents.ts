import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Caller } from '../authorization/authenticate.ts'
import type { MayAccess } from '../authorization/field-access.ts'
import { conditionalRootFault } from './conditional-root.ts'
import { documentDepth, introspectionField } from './document-limits.ts'
import { type WireError, wireLocations } from './errors.ts'
import { awsValidationMessage } from './messages.ts'

/** A document, parsed and validated once, with what has been found out about it since. */
export interface Prepared {
  document: DocumentNode
  operations: OperationDefinitionNode[]
  /** [type, field] of everything the document selects. */
  fields: [string, string][]
  /** It goes deeper than the API's QueryDepthLimit, so its fields have to be watched while it runs. */
  tooDeep: boolean
  denied: Map<string, Set<string> | undefined>
}

export type Documents = (query: string) => Prepared | { errors: WireError[] }

// Clients send a handful of documents over and over; this only keeps a client that builds them freely from filling memory.
const MAX_DOCUMENTS = 1000

function selectedFields(schema: GraphQLSchema, document: DocumentNode): [string, string][] {
  const found = new Map<string, [string, string]>()
  const typeInfo = new TypeInfo(schema)
  const enter = (node: FieldNode) => {
    const parent = typeInfo.getParentType()
    if (!isCompositeType(parent)) return
    const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : isObjectType(parent) ? [parent] : []
    for (const type of types) found.set(`${type.name}.${node.name.value}`, [type.name, node.name.value])
  }
  visit(document, visitWithTypeInfo(typeInfo, { Field: { enter } }))
  return [...found.values()]
}

interface Limits {
  queryDepthLimit?: number
  introspectionConfig?: 'ENABLED' | 'DISABLED'
}

const introspectionDisabled = (field: string): WireError => ({
  path: null,
  locations: null,
  message: `Validation error of type FieldUndefined: Field '${field}' in type 'Query' is undefined @ '${field}'`,
})

function prepare(schema: GraphQLSchema, limits: Limits, query: string): Prepared | { errors: WireError[] } {
  let document: DocumentNode
  try {
    // AppSync takes 15,000 tokens at most.
    document = parse(query, { maxTokens: 15_000 })
  } catch (error) {
    const { message, locations } = error as GraphQLError
    return { errors: [{ path: null, locations: wireLocations(locations), message: `Invalid Syntax : ${message}` }] }
  }
  const conditional = conditionalRootFault(document)
  if (conditional) return { errors: [{ path: null, locations: null, message: conditional }] }
  const errors = validate(schema, document).map((error) => ({
    path: null,
    locations: wireLocations(error.locations),
    message: awsValidationMessage(document, error),
  }))
  if (errors.length > 0) return { errors }
  const introspected = limits.introspectionConfig === 'DISABLED' && introspectionField(document)
  if (introspected) return { errors: [introspectionDisabled(introspected)] }
  return {
    document,
    operations: document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION),
    fields: selectedFields(schema, document),
    tooDeep: Boolean(limits.queryDepthLimit) && documentDepth(document) > Number(limits.queryDepthLimit),
    denied: new Map(),
  }
}

/** Parses and validates each document text once. */
export function createDocuments(schema: GraphQLSchema, limits: Limits): Documents {
  const known = new Map<string, Prepared | { errors: WireError[] }>()
  return (query) => {
    let prepared = known.get(query)
    if (!prepared) {
      prepared = prepare(schema, limits, query)
      if (known.size >= MAX_DOCUMENTS) known.delete(known.keys().next().value as string)
      known.set(query, prepared)
    }
    return prepared
  }
}

/** The operation to run; undefined when the name fits none, or none is given and there are several. */
export function chooseOperation(
  prepared: Prepared,
  name: string | null | undefined,
): OperationDefinitionNode | undefined {
  if (name) return prepared.operations.find((operation) => operation.name?.value === name)
  return prepared.operations.length === 1 ? prepared.operations[0] : undefined
}

/** The fields of the document that `caller` may not read; worked out once per mode and groups. */
export function deniedFields(prepared: Prepared, caller: Caller, mayAccess: MayAccess): Set<string> | undefined {
  const key = `${caller.mode} ${caller.groups.join(' ')}`
  if (!prepared.denied.has(key)) {
    const denied = prepared.fields.filter(([type, field]) => !mayAccess(caller, type, field))
    prepared.denied.set(key, denied.length > 0 ? new Set(denied.map(([type, field]) => `${type}.${field}`)) : undefined)
  }
  return prepared.denied.get(key)
}
