/** The parts of JSON schema that tools use. */
export interface JsonSchema {
  $ref?: string
  $defs?: Record<string, JsonSchema>
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  default?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  minItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
}

const SAID = 'offline: no language model was asked'
// A pattern cannot be turned into a text in general; these fit most that people write.
const SAMPLES = [
  'a',
  'A',
  '1',
  'offline',
  'OFFLINE',
  '0000',
  '09:00',
  '09:00:00',
  'a-b',
  'A-1',
  'a@example.com',
  '#000000',
  '1.0.0',
]
const BY_FORMAT: Record<string, string> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00',
  duration: 'PT1M',
  email: 'offline@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
}

/** The smallest value that `schema` allows; its texts say that no model wrote them. */
export function smallestValue(schema: JsonSchema, root: JsonSchema = schema): unknown {
  if (schema.$ref) return smallestValue(resolve(schema.$ref, root), root)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.default !== undefined) return schema.default
  if (schema.allOf) return smallestValue(merged(schema), root)
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0]
  if (choice) return smallestValue(choice, root)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'object' || schema.properties) return objectOf(schema, root)
  if (type === 'array') return arrayOf(schema, root)
  if (type === 'string') return textOf(schema)
  if (type === 'integer' || type === 'number') return numberOf(schema, type)
  return type === 'boolean' ? false : null
}

function resolve(ref: string, root: JsonSchema): JsonSchema {
  if (ref === '#') return root
  const found = root.$defs?.[ref.replace(/^#\/\$defs\//, '')]
  if (!found) throw new Error(`the tool's schema refers to ${ref}, which it does not hold`)
  return found
}

function merged({ allOf = [], ...rest }: JsonSchema): JsonSchema {
  const required = [rest, ...allOf].flatMap((part) => part.required ?? [])
  return Object.assign({}, rest, ...allOf, {
    properties: Object.assign({}, rest.properties, ...allOf.map((part) => part.properties)),
    required,
  })
}

function objectOf({ properties = {}, required = [] }: JsonSchema, root: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(required.map((key) => [key, smallestValue(properties[key] ?? {}, root)]))
}

function arrayOf({ prefixItems = [], items = {}, minItems = 0 }: JsonSchema, root: JsonSchema): unknown[] {
  const length = Math.max(prefixItems.length, minItems)
  return Array.from({ length }, (_, index) => smallestValue(prefixItems[index] ?? items, root))
}

function textOf({ minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format }: JsonSchema): string {
  const said = SAID.slice(0, Math.min(maxLength, SAID.length)).padEnd(minLength, '.')
  const candidates = [BY_FORMAT[format ?? ''], format ? undefined : said, ...Object.values(BY_FORMAT), ...SAMPLES]
  const fits = (text: string | undefined) =>
    text !== undefined &&
    text.length >= minLength &&
    text.length <= maxLength &&
    (!pattern || new RegExp(pattern, 'u').test(text))
  return candidates.find(fits) ?? said
}

function numberOf(schema: JsonSchema, type: 'integer' | 'number'): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const step = multipleOf ?? (type === 'integer' ? 1 : 0.001)
  const above = exclusiveMinimum === undefined ? undefined : exclusiveMinimum + step
  const below = exclusiveMaximum === undefined ? undefined : exclusiveMaximum - step
  const low = Math.max(minimum ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY)
  const high = Math.min(maximum ?? Number.POSITIVE_INFINITY, below ?? Number.POSITIVE_INFINITY)
  const value = Math.min(Math.max(0, low), high)
  return multipleOf ? Math.ceil(value / multipleOf) * multipleOf : value
}
