import { ResolverError } from './invocation.ts'
import type { FieldFilter, SubscriptionFilter } from './subscription-filter.ts'

const OPERATORS = 'eq ne le lt ge gt contains notContains beginsWith in notIn between containsAny'.split(' ')
const MAX_GROUPS = 10
const MAX_FIELDS = 5
const MAX_LIST: Record<string, number> = { in: 5, notIn: 5, containsAny: 20 }
const MAX_STRING = 256

function checkField(refuse: (why: string) => never, { fieldName, operator, value }: FieldFilter): void {
  if (!OPERATORS.includes(operator)) {
    refuse(`operator of ${fieldName} must be one of ${OPERATORS.join(', ')}, got ${operator}`)
  }
  const values = Array.isArray(value) ? value : [value]
  const most = MAX_LIST[operator]
  if (most !== undefined && (!Array.isArray(value) || value.length > most)) {
    refuse(`${operator} of ${fieldName} takes a list of at most ${most} values, got ${JSON.stringify(value)}`)
  }
  if (operator === 'between' && values.length !== 2) refuse(`between of ${fieldName} takes [low, high]`)
  if (values.some((entry) => typeof entry === 'string' && entry.length > MAX_STRING)) {
    refuse(`a value of ${fieldName} is longer than ${MAX_STRING} characters`)
  }
}

/** The filter as given, when AppSync would take it; otherwise an error that names the limit. */
export function checkSubscriptionFilter(call: string, filter: SubscriptionFilter | null): SubscriptionFilter | null {
  const refuse = (why: string): never => {
    throw new ResolverError(`extensions.${call}: ${why}`, 'Code')
  }
  if (filter === null || filter === undefined) return null
  if (!Array.isArray(filter.filterGroup)) return refuse('the filter must be {filterGroup: [{filters: […]}]}')
  let groups = 0
  for (const { filters } of filter.filterGroup) {
    for (const field of filters) checkField(refuse, field)
    if (new Set(filters.map((field) => field.fieldName)).size > MAX_FIELDS) {
      refuse(`at most ${MAX_FIELDS} different fields in one group`)
    }
    // AppSync writes `in` out as alternatives before it counts.
    groups += filters.reduce(
      (count, field) => count * (field.operator === 'in' ? (field.value as unknown[]).length : 1),
      1,
    )
  }
  if (groups > MAX_GROUPS) refuse(`at most ${MAX_GROUPS} filter groups after \`in\` is written out, got ${groups}`)
  return filter
}
