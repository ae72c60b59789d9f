import { type Context, extensions, type SubscriptionFilter, util } from '@aws-appsync/utils'
import { callerOf } from './access.ts'
import { shown } from './refusals.ts'

export type SubscriptionRule = SubscriptionFilter['filterGroup'][number]['filters'][number]
type Operators = Record<string, unknown>
type Conditions = Record<string, Operators | null | undefined>

interface SubscribeArguments {
  filter?: (Conditions & { and?: (Conditions | null)[] | null; or?: (Conditions | null)[] | null }) | null
  owner?: string | null
}

// AppSync's limits for one subscription.
const MOST_ALTERNATIVES = 10
const MOST_FIELDS = 5
const MOST_VALUES = 5
const MOST_CHARACTERS = 256

/**
 * Lets through what the subscriber asks for, of what it may see, and where `always` holds. The owner's rule is put
 * into every alternative by hand: an empty or odd filter must never leave a subscription without it.
 */
export function filterJobs(ctx: Context<SubscribeArguments>, always: SubscriptionRule): void {
  const { sub, seesAll } = callerOf(ctx)
  const { owner } = ctx.args
  if (!seesAll && owner != null && owner !== sub) {
    util.error(`owner must be your own sub ${shown(sub)} or left out, got ${shown(owner)}`, 'Unauthorized')
  }
  const visible = seesAll ? owner : sub
  const ours = visible == null ? [always] : [always, isEqual('owner', visible)]
  const asked = util.transform.toSubscriptionFilter(withoutNulls(ctx.args.filter ?? {}) as Record<string, never>)
  const alternatives = (asked?.filterGroup ?? []).map(({ filters }) => filters)
  const groups = alternatives.length === 0 ? [ours] : alternatives.map((rules) => joined(rules, ours))
  const possible = groups.filter((rules) => rules.length > 0)
  if (possible.length === 0) {
    util.error('filter lets no job through that you may see: ask for other values, or leave them out', 'BadRequest')
  }
  setFilter(possible)
}

/** Sets the filter of this subscription, if AppSync takes it: one group of rules must hold, and each rule of it. */
export function setFilter(groups: SubscriptionRule[][]): void {
  const fault = faultOf(groups)
  if (fault) util.error(fault, 'BadRequest')
  extensions.setSubscriptionFilter({ filterGroup: groups.map((filters) => ({ filters })) })
}

export function isEqual(fieldName: string, value: string | number): SubscriptionRule {
  return { fieldName, operator: 'eq', value }
}

/** Clients send null for "no condition", wherever one may stand. */
function withoutNulls({ and, or, ...conditions }: NonNullable<SubscribeArguments['filter']>): Record<string, unknown> {
  const kept: Record<string, unknown> = conditionsOf(conditions)
  const both = (and ?? []).map((each) => conditionsOf(each ?? {})).filter((each) => Object.keys(each).length > 0)
  const either = (or ?? []).map((each) => conditionsOf(each ?? {})).filter((each) => Object.keys(each).length > 0)
  if (both.length > 0) kept.and = both
  if (either.length > 0) kept.or = either
  return kept
}

function conditionsOf(conditions: Conditions): Record<string, Operators> {
  const kept: Record<string, Operators> = {}
  Object.keys(conditions).forEach((field) => {
    const given = conditions[field] ?? {}
    const operators: Operators = {}
    Object.keys(given).forEach((operator) => {
      if (given[operator] != null) operators[operator] = given[operator]
    })
    if (Object.keys(operators).length > 0) kept[field] = operators
  })
  return kept
}

/**
 * Both as one group that names no field twice, which AppSync refuses; [] when no job can pass it. Ours that ask for one
 * value decide theirs of the same field; one that holds for every job gives way to theirs.
 */
function joined(theirs: SubscriptionRule[], ours: SubscriptionRule[]): SubscriptionRule[] {
  const fixed = ours.filter(({ operator }) => operator === 'eq')
  const decided = theirs.map((rule) => ({ rule, by: fixed.find(({ fieldName }) => fieldName === rule.fieldName) }))
  if (decided.some(({ rule, by }) => by && !holds(rule, by.value))) return []
  const left = folded(decided.filter(({ by }) => !by).map(({ rule }) => rule))
  return [...left, ...ours.filter(({ fieldName }) => left.every((rule) => rule.fieldName !== fieldName))]
}

/** Doubled rules once, and "from" with "to" as "between". What is doubled then still, `faultOf` refuses. */
function folded(rules: SubscriptionRule[]): SubscriptionRule[] {
  const texts = rules.map((rule) => JSON.stringify(rule))
  const once = rules.filter((_rule, index) => texts.indexOf(texts[index]) === index)
  const boundOf = (fieldName: string, operator: string) => {
    const same = once.filter((rule) => rule.fieldName === fieldName)
    return same.length === 2 ? same.find((rule) => rule.operator === operator) : undefined
  }
  return once.flatMap((rule) => {
    const { fieldName, operator } = rule
    const from = boundOf(fieldName, 'ge')
    const to = boundOf(fieldName, 'le')
    if (!from || !to) return [rule]
    return operator === 'ge'
      ? [{ fieldName, operator: 'between', value: [from.value, to.value] } as SubscriptionRule]
      : []
  })
}

/** Whether `value` passes the rule, as AppSync compares. */
function holds({ operator, value: wanted }: SubscriptionRule, value: unknown): boolean {
  const is = value as string
  const one = wanted as string
  const list = wanted as unknown as string[]
  switch (operator) {
    case 'eq':
      return is === one
    case 'ne':
      return is !== one
    case 'le':
      return is <= one
    case 'lt':
      return is < one
    case 'ge':
      return is >= one
    case 'gt':
      return is > one
    case 'contains':
      return is.indexOf(one) >= 0
    case 'notContains':
      return is.indexOf(one) < 0
    case 'beginsWith':
      return is.startsWith(one)
    case 'in':
      return list.indexOf(is) >= 0
    case 'notIn':
      return list.indexOf(is) < 0
    case 'between':
      return is >= list[0] && is <= list[1]
    default:
      return false
  }
}

function faultOf(groups: SubscriptionRule[][]): string | undefined {
  const faults = groups.flatMap((rules) => [
    ...rules.map((rule) => faultOfRule(rule)),
    faultOfFields(rules.map(({ fieldName }) => fieldName)),
  ])
  const fault = faults.find((each) => each !== undefined)
  if (fault) return fault
  // AppSync takes each value of an `in` as an alternative of its own.
  const alternatives = groups.reduce((sum, rules) => {
    const lists = rules.filter(({ operator }) => operator === 'in').map(({ value }) => (value as unknown[]).length)
    return sum + lists.reduce((product, length) => product * length, 1)
  }, 0)
  if (alternatives <= MOST_ALTERNATIVES) return undefined
  return `filter may have at most ${MOST_ALTERNATIVES} alternatives (each value of "in" is one), got ${alternatives}: ask for less, or subscribe twice`
}

function faultOfFields(names: string[]): string | undefined {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) {
    return `filter may join one condition on ${twice}, got several: name it once, "between" for a range, or put the others into "or"`
  }
  if (names.length <= MOST_FIELDS) return undefined
  return `filter may join at most ${MOST_FIELDS} fields, got ${names.length}: ${names.join(', ')}`
}

function faultOfRule({ fieldName, operator, value }: SubscriptionRule): string | undefined {
  const isList = operator === 'in' || operator === 'notIn' || operator === 'between'
  const values = (isList ? value : [value]) as unknown[]
  if (operator === 'between' && values.length !== 2) {
    return `${fieldName}.between must be two values, from and to, got ${values.length}`
  }
  if (isList && (values.length < 1 || values.length > MOST_VALUES)) {
    return `${fieldName}.${operator} must be 1 to ${MOST_VALUES} values, got ${values.length}: use "or", or subscribe twice`
  }
  if (values.some((each) => each == null)) return `${fieldName}.${operator} must be values, got null among them`
  const long = values.find((each) => typeof each === 'string' && each.length > MOST_CHARACTERS) as string | undefined
  if (long === undefined) return undefined
  return `${fieldName}.${operator} must be at most ${MOST_CHARACTERS} characters, got ${long.length}: "beginsWith" takes the first of them`
}
