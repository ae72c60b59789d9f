import { util } from '@aws-appsync/utils'
import type { InputRule } from './input-rule.ts'
import { shown } from './refusals.ts'

interface Found {
  at: string
  value: unknown
  missing: boolean
}

// AppSync ends any loop after 1,000 rounds and says nothing: what stands further down, the worker's schema checks.

/** What is wrong with an agent's input, one sentence for each fault; [] when the rules have nothing against it. */
export function inputFaults(rules: InputRule[], input: unknown): string[] {
  return rules.flatMap((rule) =>
    placesOf(rule, input)
      .filter((place) => (place.missing ? rule.required : !fits(rule, place.value)))
      .map(({ at, value, missing }) =>
        missing ? `${at} is missing: it must be ${rule.expects}` : `${at} must be ${rule.expects}, got ${shown(value)}`,
      ),
  )
}

/** Every value that the rule speaks of. A parent of the wrong type has none: its own rule tells. */
function placesOf(rule: InputRule, input: unknown): Found[] {
  return rule.path.reduce(
    (found: Found[], name) =>
      found.flatMap(({ at, value }) => {
        if (name === '*') {
          if (!isList(value)) return []
          return value.map((item, index) => ({ at: `${at}[${index}]`, value: item, missing: false }))
        }
        if (!isObject(value)) return []
        return [{ at: `${at}.${name}`, value: value[name], missing: !Object.hasOwn(value, name) }]
      }),
    [{ at: 'requestData', value: input, missing: false }],
  )
}

function fits(rule: InputRule, value: unknown): boolean {
  if (value === null && rule.nullable) return true
  if (rule.enum && rule.enum.indexOf(value) < 0) return false
  switch (rule.type) {
    case 'string':
      return typeof value === 'string' && stringFits(rule, value)
    case 'integer':
      return typeof value === 'number' && value % 1 === 0 && numberFits(rule, value)
    case 'number':
      return typeof value === 'number' && numberFits(rule, value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'object':
      return isObject(value) && namesFit(rule.names, Object.keys(value))
    case 'array':
      return isList(value) && within(value.length, rule.minItems, rule.maxItems)
    case 'null':
      return value === null
    default:
      return true
  }
}

function stringFits(rule: InputRule, value: string): boolean {
  return within(value.length, rule.minLength, rule.maxLength) && (!rule.pattern || util.matches(rule.pattern, value))
}

function numberFits(rule: InputRule, value: number): boolean {
  return (
    within(value, rule.minimum, rule.maximum) &&
    (rule.exclusiveMinimum === undefined || value > rule.exclusiveMinimum) &&
    (rule.exclusiveMaximum === undefined || value < rule.exclusiveMaximum)
  )
}

function within(value: number, least: number | undefined, most: number | undefined): boolean {
  return (least === undefined || value >= least) && (most === undefined || value <= most)
}

function namesFit(allowed: string[] | undefined, names: string[]): boolean {
  return !allowed || names.every((name) => allowed.indexOf(name) >= 0)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isList(value)
}

/** AppSync has no Array.isArray; an object may have a `length` as well, but not the bracket. */
function isList(value: unknown): value is unknown[] {
  if (typeof value !== 'object' || value === null) return false
  return typeof (value as unknown[]).length === 'number' && JSON.stringify(value).startsWith('[')
}
