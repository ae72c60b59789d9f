import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql'
import { isOnCalendar } from '../runtime/calendar.ts'

/** How AppSync reads and writes one of its scalars. */
interface Scalar {
  serialize(value: unknown): unknown
  parseValue(value: unknown): unknown
  parseLiteral(node: ValueNode, variables?: Record<string, unknown> | null): unknown
}

const OFFSET = '(?:Z|[+-]\\d{2}:\\d{2}(?::\\d{2})?)'
const DATE = '-?\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])'
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?'

const refuse = (verb: 'parse' | 'serialize', value: unknown, what: string): never => {
  throw new GraphQLError(
    `Unable to ${verb} \`${typeof value === 'string' ? value : JSON.stringify(value)}\` as a valid ${what}.`,
  )
}

/** A scalar whose values are strings of a certain form, passed through as they are. */
function text(what: string, fits: (value: string) => boolean): Scalar {
  const check = (verb: 'parse' | 'serialize') => (value: unknown) =>
    typeof value === 'string' && fits(value) ? value : refuse(verb, value, what)
  return {
    serialize: check('serialize'),
    parseValue: check('parse'),
    parseLiteral: (node) =>
      node.kind === Kind.STRING ? check('parse')(node.value) : refuse('parse', valueFromASTUntyped(node), what),
  }
}

const pattern = (what: string, source: string, alsoFits = (_value: string) => true) => {
  const form = new RegExp(`^${source}$`)
  return text(what, (value) => form.test(value) && alsoFits(value))
}

function integer(what: string): Scalar {
  const check = (verb: 'parse' | 'serialize') => (value: unknown) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    return Number.isSafeInteger(number) ? number : refuse(verb, value, what)
  }
  return {
    serialize: check('serialize'),
    parseValue: check('parse'),
    parseLiteral: (node) => check('parse')(node.kind === Kind.INT ? Number(node.value) : valueFromASTUntyped(node)),
  }
}

function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return refuse('parse', value, 'JSON')
  try {
    return JSON.parse(value)
  } catch {
    return refuse('parse', value, 'JSON')
  }
}

function isUrl(value: string): boolean {
  try {
    return !new URL(value).pathname.includes('//')
  } catch {
    return false
  }
}

const IPV4 = '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:/(?:3[0-2]|[12]?\\d))?'
const IPV6 = '(?=.*:.*:)[0-9A-Fa-f:]+(?:\\.\\d+){0,3}(?:/(?:12[0-8]|1[01]\\d|\\d{1,2}))?'

/** AppSync's scalars by name. */
export const scalars: Record<string, Scalar> = {
  AWSDate: pattern('Date', `${DATE}${OFFSET}?`, isOnCalendar),
  AWSTime: pattern('Time', `${TIME}${OFFSET}?`),
  // The offset is required, and the text stays as it is: it never becomes a Date.
  AWSDateTime: pattern('DateTime', `${DATE}T${TIME}${OFFSET}`, isOnCalendar),
  AWSTimestamp: integer('Timestamp'),
  Long: integer('Long'),
  AWSEmail: pattern('Email', '[^\\s@]+@[^\\s@]+\\.[^\\s@]+'),
  AWSURL: text('URL', isUrl),
  AWSPhone: pattern('Phone', '\\+?[\\d\\s().-]{3,20}'),
  AWSIPAddress: pattern('IP Address', `(?:${IPV4}|${IPV6})`),
  // A text comes in, its value reaches the resolver, and a text goes out: a string value is quoted again.
  AWSJSON: {
    serialize: (value) => JSON.stringify(value),
    parseValue: parseJson,
    parseLiteral: (node) =>
      node.kind === Kind.STRING ? parseJson(node.value) : refuse('parse', valueFromASTUntyped(node), 'JSON'),
  },
}
