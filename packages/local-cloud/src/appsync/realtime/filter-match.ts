import type { FieldFilter, SubscriptionFilter } from '../runtime/subscription-filter.ts'

export type Payload = Record<string, unknown>

type Test = (value: unknown) => boolean

const MAX_NESTING = 5

const present = (value: unknown) => value !== null && value !== undefined

function ordered(value: unknown, other: unknown, holds: (order: number) => boolean): boolean {
  if (typeof value === 'number' && typeof other === 'number') return holds(value - other)
  if (typeof value === 'string' && typeof other === 'string') return holds(value < other ? -1 : value > other ? 1 : 0)
  return false
}

function holds(value: unknown, member: unknown): boolean {
  if (Array.isArray(value)) return value.includes(member)
  return typeof value === 'string' && typeof member === 'string' && value.includes(member)
}

/** The test of one operator. A missing field fails the positive ones and passes the negative ones. */
function testOf(operator: string, wanted: unknown): Test {
  const list = Array.isArray(wanted) ? wanted : []
  switch (operator) {
    case 'eq':
      return (value) => value === wanted
    case 'ne':
      return (value) => value !== wanted
    case 'le':
      return (value) => ordered(value, wanted, (order) => order <= 0)
    case 'lt':
      return (value) => ordered(value, wanted, (order) => order < 0)
    case 'ge':
      return (value) => ordered(value, wanted, (order) => order >= 0)
    case 'gt':
      return (value) => ordered(value, wanted, (order) => order > 0)
    case 'contains':
      return (value) => holds(value, wanted)
    case 'notContains':
      return (value) => !holds(value, wanted)
    case 'beginsWith':
      return (value) => typeof value === 'string' && value.startsWith(String(wanted))
    case 'in':
      return (value) => present(value) && list.includes(value)
    case 'notIn':
      return (value) => !list.includes(value)
    case 'between':
      return (value) => ordered(value, list[0], (order) => order >= 0) && ordered(value, list[1], (order) => order <= 0)
    case 'containsAny':
      return (value) => list.some((member) => holds(value, member))
    default:
      return () => false
  }
}

function fieldTest({ fieldName, operator, value: wanted }: FieldFilter): (payload: Payload) => boolean {
  const test = testOf(operator, wanted)
  const path = fieldName.split('.')
  // AppSync leaves conditions deeper than this out.
  if (path.length > MAX_NESTING) return () => true
  if (path.length === 1) return (payload) => test(payload[fieldName])
  return (payload) => test(path.reduce<unknown>((value, key) => (value as Payload | null | undefined)?.[key], payload))
}

/** An enhanced filter as one function; no filter, or one without groups, matches everything. */
export function compileFilter(filter: SubscriptionFilter | null): (payload: Payload) => boolean {
  if (!filter || filter.filterGroup.length === 0) return () => true
  const groups = filter.filterGroup.map(({ filters }) => filters.map(fieldTest))
  return (payload) => groups.some((tests) => tests.every((test) => test(payload)))
}

/** Basic filtering: every argument that was given equals the field of the same name; null asks for null. */
export function compileArguments(args: Record<string, unknown>): (payload: Payload) => boolean {
  const wanted = Object.entries(args)
  return (payload) => wanted.every(([name, value]) => (payload[name] ?? null) === value)
}
