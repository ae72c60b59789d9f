import type { InputRule } from '../graphql/input-rule.ts'

/** The part of JSON Schema (draft 2020-12) that becomes rules. */
export interface JsonSchema {
  [keyword: string]: unknown
  $ref?: string
  $defs?: Record<string, JsonSchema>
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: boolean | JsonSchema
  format?: string
  pattern?: string
}

interface Place {
  path: string[]
  required: boolean
  nullable: boolean
  /** Names of definitions that are open here: a schema that contains itself ends the walk. */
  open: string[]
}

const BOUNDS = [
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
] as const

const PATTERNS: Record<string, string> = {
  date: '^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$',
  time: '^(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?$',
  'date-time':
    '^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])T(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:\\d{2})$',
}

/** Flat rules for a JSON schema as `z.toJSONSchema(schema, { io: 'input' })` writes it. Parents come before children. */
export function inputRules(schema: JsonSchema): InputRule[] {
  return rulesAt(schema, schema.$defs ?? {}, { path: [], required: true, nullable: false, open: [] })
}

function rulesAt(schema: JsonSchema, defs: Record<string, JsonSchema>, place: Place): InputRule[] {
  if (schema.$ref) {
    const name = schema.$ref.replace('#/$defs/', '')
    const target = defs[name]
    if (!target || place.open.includes(name)) return []
    return rulesAt(target, defs, { ...place, open: [...place.open, name] })
  }
  const nullless = withoutNull(schema)
  if (nullless) return rulesAt(nullless, defs, { ...place, nullable: true })

  const rule = ruleFor(schema, place)
  // Unions and the like: only their absence can be told here.
  const own = rule.expects === 'a value' && !rule.required ? [] : [rule]
  return [...own, ...childRules(schema, defs, place)]
}

function childRules(schema: JsonSchema, defs: Record<string, JsonSchema>, place: Place): InputRule[] {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    // A property that is really called `*` would read as "every item".
    if (name === '*') return []
    const required = (schema.required ?? []).includes(name)
    return rulesAt(child, defs, { ...place, path: [...place.path, name], required, nullable: false })
  })
  if (typeof schema.items !== 'object') return properties
  const items = rulesAt(schema.items, defs, { ...place, path: [...place.path, '*'], required: true, nullable: false })
  return [...properties, ...items]
}

/** The schema without its `null` alternative, or undefined when it has none. */
function withoutNull(schema: JsonSchema): JsonSchema | undefined {
  if (Array.isArray(schema.type) && schema.type.length === 2 && schema.type.includes('null')) {
    return { ...schema, type: schema.type.find((name) => name !== 'null') }
  }
  const others = schema.anyOf?.filter((option) => option.type !== 'null')
  return others && others.length === 1 && schema.anyOf?.length === 2 ? others[0] : undefined
}

function ruleFor(schema: JsonSchema, { path, required, nullable }: Place): InputRule {
  const rule: InputRule = { path, expects: '', required, nullable }
  if (typeof schema.type === 'string') rule.type = schema.type as InputRule['type']
  const allowed = schema.const !== undefined ? [schema.const] : schema.enum
  // AppSync compares by ===, which no object survives.
  if (allowed?.every((value) => value === null || typeof value !== 'object')) rule.enum = allowed
  for (const name of BOUNDS) {
    const bound = schema[name]
    // zod writes the safe integers as bounds of every integer.
    if (typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER) rule[name] = bound
  }
  const pattern = portablePattern(schema)
  if (pattern) rule.pattern = pattern
  if (schema.additionalProperties === false) rule.names = Object.keys(schema.properties ?? {})
  rule.expects = inWords(rule, schema.format) + (nullable ? ' or null' : '')
  return rule
}

/** A pattern that Java, under AppSync, reads as JavaScript does, whether it searches or matches the whole text. */
function portablePattern({ pattern, format }: JsonSchema): string | undefined {
  const known = PATTERNS[format ?? '']
  if (!pattern) return known
  // No classes within classes, look-around, references or Unicode names; alternatives within a group only.
  const wholeText = /^\^(?:\((?!\?[^:]).*\)|[^|])*\$$/s.test(pattern)
  const javaOnly = /\\[pPkuQEGAzZ1-9]|\(\?[^:]|\[[^\]]*(?:\[|&&)|[*+?}]\+/.test(pattern)
  return wholeText && !javaOnly ? pattern : known
}

function inWords(rule: InputRule, format: string | undefined): string {
  if (rule.enum) return rule.enum.length === 1 ? JSON.stringify(rule.enum[0]) : `one of ${rule.enum.join(', ')}`
  switch (rule.type) {
    case 'string':
      return stringInWords(rule, format)
    case 'integer':
      return `a whole number${range(rule)}`
    case 'number':
      return `a number${range(rule)}`
    case 'boolean':
      return 'true or false'
    case 'object':
      return rule.names ? `an object with no names but ${rule.names.join(', ')}` : 'an object'
    case 'array':
      return `a list${amount(rule.minItems, rule.maxItems, 'item')}`
    case 'null':
      return 'null'
    default:
      return 'a value'
  }
}

function stringInWords(rule: InputRule, format: string | undefined): string {
  const examples: Record<string, string[]> = {
    date: ['2026-01-31'],
    time: ['09:30', '09:30:00', '09:30:00.000'],
    'date-time': ['2026-01-31T09:30:00Z', '2026-01-31T09:30Z', '2026-01-31T09:30:00.000Z', '2026-01-31T09:30:00'],
  }
  const example = examples[format ?? '']?.find((text) => new RegExp(rule.pattern ?? '').test(text))
  const offset = rule.pattern && new RegExp(rule.pattern).test('2026-01-31T09:30:00+01:00')
  if (example && format === 'date-time') return `a date and time ${offset ? '' : 'in UTC '}such as ${example}`
  if (example) return `a ${format} such as ${example}`
  if (rule.pattern) return `a string ${format ? `in the format ${format}` : `that matches ${rule.pattern}`}`
  return `a string${amount(rule.minLength, rule.maxLength, 'character')}`
}

function amount(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most} ${unit}s`
  if (least !== undefined) return ` of ${least} or more ${unit}s`
  return most === undefined ? '' : ` of at most ${most} ${unit}${most === 1 ? '' : 's'}`
}

function range(rule: InputRule): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = rule
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  const parts = [
    minimum !== undefined && `at least ${minimum}`,
    exclusiveMinimum !== undefined && `greater than ${exclusiveMinimum}`,
    maximum !== undefined && `at most ${maximum}`,
    exclusiveMaximum !== undefined && `less than ${exclusiveMaximum}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? '' : `, ${parts.join(' and ')}`
}
