import { type FieldNode, type GraphQLResolveInfo, Kind, print, type SelectionSetNode } from 'graphql'

type Fragments = GraphQLResolveInfo['fragments']

/** The fields of a selection set, fragments opened. */
export function fieldsOf(set: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return set.selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection]
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value]
    return inner ? fieldsOf(inner.selectionSet, fragments) : []
  })
}

function paths(set: SelectionSetNode | undefined, fragments: Fragments, prefix: string): string[] {
  if (!set) return []
  return fieldsOf(set, fragments).flatMap((field) => {
    const path = `${prefix}${field.alias?.value ?? field.name.value}`
    return [path, ...paths(field.selectionSet, fragments, `${path}/`)]
  })
}

/** `ctx.info.selectionSetList`: response names, nested ones with slashes. */
export function selectionSetList(info: GraphQLResolveInfo): string[] {
  return [...new Set(info.fieldNodes.flatMap((node) => paths(node.selectionSet, info.fragments, '')))]
}

/** `ctx.info.selectionSetGraphQL` */
export function selectionSetGraphQL(info: GraphQLResolveInfo): string {
  return info.fieldNodes.map((node) => (node.selectionSet ? print(node.selectionSet) : '')).join('\n')
}

/** The members of `data` that the field's selection set asks for, as AppSync filters the `data` of an error. */
export function selectedOnly(data: unknown, set: SelectionSetNode | undefined, fragments: Fragments): unknown {
  if (!set || typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return data.map((entry) => selectedOnly(entry, set, fragments))
  const selected: Record<string, unknown> = {}
  for (const field of fieldsOf(set, fragments)) {
    const value = (data as Record<string, unknown>)[field.name.value]
    selected[field.alias?.value ?? field.name.value] = selectedOnly(value ?? null, field.selectionSet, fragments)
  }
  return selected
}
