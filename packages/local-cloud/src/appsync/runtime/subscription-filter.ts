export interface FieldFilter {
  fieldName: string
  operator: string
  value: unknown
}

/** AND inside `filters`, OR between the members of `filterGroup`. */
export interface SubscriptionFilter {
  filterGroup: { filters: FieldFilter[] }[]
}

type Alternative = FieldFilter[]

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every way to choose one alternative from each list; a list without alternatives asks for nothing. */
function product(lists: Alternative[][]): Alternative[] {
  const asking = lists.filter((list) => list.length > 0)
  if (asking.length === 0) return []
  return asking.reduce<Alternative[]>(
    (sofar, list) => sofar.flatMap((left) => list.map((right) => [...left, ...right])),
    [[]],
  )
}

const operatorsOf = (fieldName: string, operators: unknown): Alternative[] =>
  isMap(operators) ? Object.entries(operators).map(([operator, value]) => [{ fieldName, operator, value }]) : []

function alternatives(filter: Record<string, unknown>, ignored: string[]): Alternative[] {
  const lists: Alternative[][] = []
  for (const [field, operators] of Object.entries(filter)) {
    // `not` is no negation here: AppSync reads it as a field.
    if (field === 'and' || field === 'or' || ignored.includes(field)) continue
    lists.push(operatorsOf(field, operators))
  }
  const members = (name: 'and' | 'or') =>
    (Array.isArray(filter[name]) ? filter[name] : []).filter(isMap).map((member) => alternatives(member, ignored))
  lists.push(product(members('and')))
  lists.push(members('or').flat())
  return product(lists)
}

/**
 * `util.transform.toSubscriptionFilter`: two operators on one field, the members of `or`, and the rules are
 * alternatives, so the groups multiply out.
 */
export function toSubscriptionFilter(
  filter: unknown,
  ignoredFields?: string[] | null,
  rules?: unknown,
): SubscriptionFilter | null {
  if (!isMap(filter)) return null
  const wanted = alternatives(filter, ignoredFields ?? [])
  const ruled = isMap(rules) ? Object.entries(rules).flatMap(([field, operators]) => operatorsOf(field, operators)) : []
  return { filterGroup: product([wanted, ruled]).map((filters) => ({ filters })) }
}
