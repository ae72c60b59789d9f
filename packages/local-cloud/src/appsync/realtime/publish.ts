import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'
import type { Answer, ChosenOperation } from '../engine.ts'
import type { Operation } from '../graphql/operation.ts'
import { fieldsOf } from '../resolvers/selection-set.ts'
import type { Payload } from './filter-match.ts'
import type { Subscriptions } from './subscriptions.ts'

type Fragments = Record<string, FragmentDefinitionNode>

function hasAlias(set: SelectionSetNode | undefined, fragments: Fragments): boolean {
  if (!set) return false
  return fieldsOf(set, fragments).some((field) => field.alias || hasAlias(field.selectionSet, fragments))
}

/** The value with the schema's field names in place of the mutation's aliases. */
function unaliased(value: unknown, set: SelectionSetNode | undefined, fragments: Fragments): unknown {
  if (!set || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((entry) => unaliased(entry, set, fragments))
  const named: Payload = {}
  for (const field of fieldsOf(set, fragments)) {
    const found = (value as Payload)[responseName(field)]
    if (found !== undefined) named[field.name.value] = unaliased(found, field.selectionSet, fragments)
  }
  return named
}

const responseName = (field: FieldNode) => field.alias?.value ?? field.name.value

/** What a mutation document publishes: worked out once per document. */
interface Plan {
  fragments: Fragments
  roots: { name: string; mutation: string; set: SelectionSetNode | undefined; aliased: boolean }[]
}

function planOf({ prepared, definition }: ChosenOperation): Plan {
  const fragments: Fragments = {}
  for (const other of prepared.document.definitions) {
    if (other.kind === Kind.FRAGMENT_DEFINITION) fragments[other.name.value] = other
  }
  const fields = new Map(fieldsOf(definition.selectionSet, fragments).map((field) => [responseName(field), field]))
  const roots = [...fields].map(([name, field]) => ({
    name,
    mutation: field.name.value,
    set: field.selectionSet,
    aliased: hasAlias(field.selectionSet, fragments),
  }))
  return { fragments, roots }
}

/** Tells subscribers what a mutation answered; one that nobody listens to costs a look into a map. */
export function createPublisher(subscriptions: Subscriptions) {
  const plans = new WeakMap<ChosenOperation['definition'], Plan>()

  return (chosen: ChosenOperation, answer: Answer, operation: Operation): void => {
    const plan = plans.get(chosen.definition) ?? planOf(chosen)
    plans.set(chosen.definition, plan)
    for (const { name, mutation, set, aliased } of plan.roots) {
      if (!subscriptions.hasSubscribers(mutation)) continue
      const value = answer.data?.[name]
      // A field that failed or is null publishes nothing; a list has no fields to filter on.
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      subscriptions.publish(mutation, (aliased ? unaliased(value, set, plan.fragments) : value) as Payload)
    }
    for (const { subscriptionField, payload } of operation.invalidations) {
      subscriptions.invalidate(subscriptionField, payload)
    }
  }
}
