/** Tells whether a value at one place in the record is wanted; absent values come as undefined. */
type Matcher = (value: unknown) => boolean

const knownRules =
  'a string, number, true, false, null, prefix, suffix, equals-ignore-case, anything-but, numeric or exists'

/** Compiles one filter pattern of an event source mapping: fields are ANDed, the rules in an array are ORed. */
export function compilePattern(pattern: string): (record: object) => boolean {
  let parsed: unknown
  try {
    parsed = JSON.parse(pattern)
  } catch (cause) {
    throw new Error(`A filter pattern must be JSON text, got ${pattern}`, { cause })
  }
  if (!isObject(parsed)) throw new Error(`A filter pattern must be a JSON object, got ${pattern}`)
  return compileFields(parsed, '')
}

function compileFields(pattern: Record<string, unknown>, path: string): Matcher {
  const fields = Object.entries(pattern).map(([key, value]) => compileField(key, value, path ? `${path}.${key}` : key))
  const matchesOne = (value: unknown) => fields.every((matches) => matches(value))
  return (value) => (Array.isArray(value) ? value.some(matchesOne) : matchesOne(value))
}

function compileField(key: string, value: unknown, path: string): Matcher {
  if (key === '$or' && Array.isArray(value) && value.every(isObject)) {
    const choices = value.map((choice) => compileFields(choice, path))
    return (parent) => choices.some((matches) => matches(parent))
  }
  const matches = Array.isArray(value) ? compileRules(value, path) : isObject(value) ? compileFields(value, path) : null
  if (!matches) {
    throw new Error(`Filter pattern: ${path} must be an array of rules or an object, got ${JSON.stringify(value)}`)
  }
  return (parent) => matches(isObject(parent) ? parent[key] : undefined)
}

function compileRules(rules: unknown[], path: string): Matcher {
  if (rules.length === 0) throw new Error(`Filter pattern: ${path} must hold at least one rule, got []`)
  const matchers = rules.map((rule) => compileRule(rule, path))
  const matchesOne = (value: unknown) => matchers.some((matches) => matches(value))
  return (value) => (Array.isArray(value) ? value.some(matchesOne) : matchesOne(value))
}

function compileRule(rule: unknown, path: string): Matcher {
  if (!isObject(rule)) return (value) => value === rule
  const [name, argument] = Object.entries(rule)[0] ?? []
  const compile = Object.keys(rule).length === 1 ? ruleCompilers[name ?? ''] : undefined
  const matches = compile?.(argument)
  if (!matches) {
    throw new Error(`Filter pattern: a rule of ${path} must be ${knownRules}, got ${JSON.stringify(rule)}`)
  }
  return matches
}

/** Each gives undefined for an argument that its rule does not take. */
const ruleCompilers: Record<string, (argument: unknown) => Matcher | undefined> = {
  prefix: (start) => onText(start, (text, wanted) => text.startsWith(wanted)),
  suffix: (end) => onText(end, (text, wanted) => text.endsWith(wanted)),
  'equals-ignore-case': (same) => onText(same, (text, wanted) => text.toLowerCase() === wanted.toLowerCase()),
  'anything-but': anythingBut,
  numeric,
  exists(wanted) {
    if (typeof wanted !== 'boolean') return undefined
    // Only leaves count: a map on the way down is not something that exists.
    return (value) => (value !== undefined && !isObject(value)) === wanted
  },
}

function onText(argument: unknown, test: (text: string, wanted: string) => boolean): Matcher | undefined {
  if (typeof argument !== 'string') return undefined
  return (value) => typeof value === 'string' && test(value, argument)
}

function anythingBut(argument: unknown): Matcher | undefined {
  const unwanted = isObject(argument) ? Object.entries(argument).flatMap(spreadRule) : [argument].flat()
  if (unwanted.length === 0) return undefined
  const matchers = unwanted.map((rule) => compileRule(rule, 'anything-but'))
  return (value) => value !== undefined && !isObject(value) && !matchers.some((matches) => matches(value))
}

/** `{ "prefix": ["a", "b"] }` inside anything-but stands for two rules. */
const spreadRule = ([name, argument]: [string, unknown]) => [argument].flat().map((each) => ({ [name]: each }))

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
}

function numeric(argument: unknown): Matcher | undefined {
  if (!Array.isArray(argument) || argument.length === 0 || argument.length % 2 === 1) return undefined
  const tests: ((value: number) => boolean)[] = []
  for (let index = 0; index < argument.length; index += 2) {
    const compare = comparisons[argument[index]]
    const bound: unknown = argument[index + 1]
    if (!compare || typeof bound !== 'number') return undefined
    tests.push((value) => compare(value, bound))
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
