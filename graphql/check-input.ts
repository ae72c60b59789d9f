import { util } from '@aws-appsync/utils'
import type { InputRule } from './input-rules.ts'
import { shown } from './refusals.ts'

interface Found {
  at: string
  value: unknown
}

/** What is wrong with an agent's input, one sentence for each fault; [] when the rules have nothing against it. */
export function inputFaults(rules: InputRule[], input: unknown): string[] {
  return rules.flatMap((rule) =>
    placesOf(rule, input)
      .filter(({ value }) => !fits(rule, value))
      .map(({ at, value }) =>
        value === undefined
          ? `${at} is missing: it must be ${rule.expects}`
          : `${at} must be ${rule.expects}, got ${shown(value)}`,
      ),
  )
}

/** Every value that the rule speaks of. A parent of the wrong type has none: its own rule tells. */
function placesOf(rule: InputRule, input: unknown): Found[] {
  return rule.path.reduce(
    (found: Found[], name) =>
      found.flatMap(({ at, value }) => {
        if (name === '*') {
          return Array.isArray(value) ? value.map((item, index) => ({ at: `${at}[${index}]`, value: item })) : []
        }
        return isObject(value) ? [{ at: `${at}.${name}`, value: value[name] }] : []
      }),
    [{ at: 'requestData', value: input }],
  )
}

function fits(rule: InputRule, value: unknown): boolean {
  if (value === undefined) return !rule.required
  if (value === null && rule.nullable) return true
  if (rule.enum && !rule.enum.includes(value)) return false
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
      return isObject(value) && Object.keys(value).every((name) => rule.names?.includes(name) ?? true)
    case 'array':
      return Array.isArray(value) && within(value.length, rule.minItems, rule.maxItems)
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
