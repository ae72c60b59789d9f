import { type DocumentNode, Kind, OperationTypeNode, type SelectionSetNode } from 'graphql'

/**
 * What is wrong with a document that has the root field of a subscription under @skip or @include: its resolver might not
 * run, and nobody would set the filter that keeps others' news from the subscriber. Asked before the document is
 * validated, as graphql-js fails on such a one.
 */
export function conditionalRootFault(document: DocumentNode): string | undefined {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.SUBSCRIPTION)
      continue
    if (hasCondition(definition.selectionSet, document, new Set())) {
      return 'Validation error of type ForbidSkipAndIncludeOnSubscriptionRoot: the root field of a subscription must not use @skip nor @include directives in top level selection'
    }
  }
  return undefined
}

function hasCondition(set: SelectionSetNode, document: DocumentNode, seen: Set<string>): boolean {
  return set.selections.some((selection) => {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return true
    if (selection.kind === Kind.FIELD) return false
    if (selection.kind === Kind.INLINE_FRAGMENT) return hasCondition(selection.selectionSet, document, seen)
    const { value } = selection.name
    // A circle of fragments is refused later.
    if (seen.has(value)) return false
    seen.add(value)
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === value,
    )
    return fragment?.kind === Kind.FRAGMENT_DEFINITION && hasCondition(fragment.selectionSet, document, seen)
  })
}
