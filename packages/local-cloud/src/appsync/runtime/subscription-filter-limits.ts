import { ResolverError } from './invocation.ts'
import type { FieldFilter, SubscriptionFilter } from './subscription-filter.ts'

const OPERATORS = 'eq ne le lt ge gt contains notContains beginsWith in notIn between containsAny'.split(' ')
const MAX_GROUPS = 10
const MAX_FIELDS = 5
const MAX_LIST: Record<string, number> = { in: 5, notIn: 5, containsAny: 20 }
const MAX_STRING = 256

// Where AppSync's own words are known (Amplify's clients look for them), they are these.

function checkField(refuse: (why: string) => never, { fieldName, operator, value }: FieldFilter): void {
  if (!OPERATORS.includes(operator)) {
    refuse(`operator of ${fieldName} must be one of ${OPERATORS.join(', ')}, got ${operator}`)
  }
  const values = Array.isArray(value) ? value : [value]
  const most = MAX_LIST[operator]
  if (most !== undefined && (!Array.isArray(value) || value.length === 0)) {
    refuse(`${operator} of ${fieldName} takes a list of 1 to ${most} values, got ${JSON.stringify(value)}`)
  }
  if (most !== undefined && values.length > most) {
    refuse(`subscription exceeds maximum value limit ${most} for operator \`${operator}\`.`)
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
    const names = new Set(filters.map((field) => field.fieldName))
    if (names.size < filters.length) {
      refuse('subscription filter uses same fieldName multiple time in single filter object.')
    }
    if (names.size > MAX_FIELDS) refuse(`Filters exceed maximum attributes limit ${MAX_FIELDS} for subscription.`)
    // AppSync writes `in` out as alternatives before it counts.
    groups += filters.reduce(
      (count, field) => count * (field.operator === 'in' ? (field.value as unknown[]).length : 1),
      1,
    )
  }
  if (groups > MAX_GROUPS) refuse(`Filters combination exceed maximum limit ${MAX_GROUPS} for subscription.`)
  return filter
}
