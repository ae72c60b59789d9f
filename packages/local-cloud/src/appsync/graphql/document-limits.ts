import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'

/** Levels of nested fields, leaves included; introspection does not count. */
function depthOf(set: SelectionSetNode | undefined, document: DocumentNode): number {
  if (!set) return 0
  return Math.max(
    ...set.selections.map((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(selection.selectionSet, document)
      if (selection.kind === Kind.FIELD) {
        return selection.name.value.startsWith('__') ? 0 : 1 + depthOf(selection.selectionSet, document)
      }
      const fragment = document.definitions.find(
        (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      )
      return fragment?.kind === Kind.FRAGMENT_DEFINITION ? depthOf(fragment.selectionSet, document) : 0
    }),
  )
}

/** Depth of the deepest operation of a document without fragment cycles. */
export function documentDepth(document: DocumentNode): number {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  return Math.max(...operations.map((operation) => depthOf(operation.selectionSet, document)))
}

/** The introspection field that an operation asks for at its root, if any. */
export function introspectionField(document: DocumentNode): string | undefined {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind === Kind.FIELD && /^__(schema|type)$/.test(selection.name.value)) return selection.name.value
    }
  }
  return undefined
}
