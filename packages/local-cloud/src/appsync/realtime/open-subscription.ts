import { type FieldNode, type GraphQLSchema, getArgumentValues, getVariableValues } from 'graphql'
import type { Caller } from '../authorization/authenticate.ts'
import type { ChosenOperation, Engine, GraphQLRequest } from '../engine.ts'
import type { WireError } from '../graphql/errors.ts'
import type { Operation } from '../graphql/operation.ts'
import { fieldsOf } from '../resolvers/selection-set.ts'
import { createDelivery } from './delivery.ts'
import { compileArguments, compileFilter } from './filter-match.ts'
import type { Subscription } from './subscriptions.ts'

/** What a start asks for, accepted: all of a subscription but its way to the client. */
export type Accepted = Pick<Subscription, 'fieldName' | 'matches' | 'invalidatedBy' | 'deliver'>

const refused = (message: string, errorType?: string): { errors: WireError[] } => ({
  errors: [{ path: null, locations: null, message, ...(errorType ? { errorType } : {}) }],
})

function argumentsOf(schema: GraphQLSchema, chosen: ChosenOperation, field: FieldNode, request: GraphQLRequest) {
  const definition = schema.getSubscriptionType()?.getFields()[field.name.value]
  const variables = getVariableValues(schema, chosen.definition.variableDefinitions ?? [], request.variables ?? {})
  return definition ? getArgumentValues(definition, field, variables.coerced) : {}
}

// The subscription's own null is no news: its resolver must return null.
const isRefusal = (error: WireError) => !error.message.startsWith('Cannot return null for non-nullable')

/** Authorises a subscription, runs its resolver, and takes the filters that it set. */
export async function openSubscription(
  engine: Engine,
  deliverySchema: GraphQLSchema,
  caller: Caller,
  headers: Operation['headers'],
  request: GraphQLRequest,
): Promise<Accepted | { errors: WireError[] }> {
  const chosen = engine.choose(request)
  if ('errors' in chosen) return chosen
  const { operation: kind, selectionSet } = chosen.definition
  if (kind !== 'subscription') {
    return refused(
      `a start frame takes a subscription, got a ${kind}; queries and mutations go to POST /graphql`,
      'UnsupportedOperation',
    )
  }
  const operation = engine.operation(caller, headers, chosen.prepared, request)
  const [denied] = operation.denied ?? []
  if (denied) {
    const [type, field] = denied.split('.')
    return refused(`Not Authorized to access ${field} on type ${type}`, 'Unauthorized')
  }
  const answer = await engine.run(chosen, request, operation)
  const errors = answer.errors?.filter(isRefusal) ?? []
  if (errors.length > 0) return { errors }

  const fragments = Object.fromEntries(
    chosen.prepared.document.definitions.flatMap((definition) =>
      definition.kind === 'FragmentDefinition' ? [[definition.name.value, definition]] : [],
    ),
  )
  const field = fieldsOf(selectionSet, fragments)[0] as FieldNode
  const { subscriptionFilter, invalidationFilter } = operation.subscription ?? {}
  return {
    fieldName: field.name.value,
    // An enhanced filter replaces the comparison of the arguments; the two never combine.
    matches:
      subscriptionFilter === undefined
        ? compileArguments(argumentsOf(engine.schema, chosen, field, request))
        : compileFilter(subscriptionFilter),
    ...(invalidationFilter ? { invalidatedBy: compileFilter(invalidationFilter) } : {}),
    deliver: createDelivery(deliverySchema, chosen.prepared, request, field.name.value),
  }
}
