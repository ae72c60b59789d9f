import { randomBytes, randomUUID } from 'node:crypto'
import { ulid } from 'ulid'
import { current, ResolverError } from './invocation.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const KSUID_EPOCH_SECONDS = 1_400_000_000

const patterns = new Map<string, RegExp>()

function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern)
  if (!expression) {
    try {
      expression = new RegExp(pattern)
    } catch (error) {
      throw new ResolverError(`util.matches: ${(error as Error).message}`, 'Code')
    }
    patterns.set(pattern, expression)
  }
  return expression
}

const ESCAPES: Record<string, string> = { '\b': '\\b', '\n': '\\n', '\t': '\\t', '\f': '\\f', '\r': '\\r' }

function escapeCharacter(character: string): string {
  const known = ESCAPES[character]
  if (known) return known
  if (/["'\\/]/.test(character)) return `\\${character}`
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** 20 bytes, seconds first, as 27 characters of base 62. */
function ksuid(now: number): string {
  const bytes = Buffer.alloc(20)
  bytes.writeUInt32BE(Math.floor(now / 1000) - KSUID_EPOCH_SECONDS, 0)
  randomBytes(16).copy(bytes, 4)
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  while (text.length < 27) {
    text = BASE62[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text
}

/** The members that stand on `util` itself. */
export const core = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  escapeJavaScript: (text: string) => String(text).replace(/["'\\/\u0000-\u001f]|[^\u0000-\u007e]/g, escapeCharacter),
  // Java's URLEncoder, which leaves * and encodes a space as +, unlike encodeURIComponent.
  urlEncode: (text: string) =>
    encodeURIComponent(text)
      .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+'),
  urlDecode: (text: string) => decodeURIComponent(String(text).replaceAll('+', ' ')),
  base64Encode: (text: string) => Buffer.from(String(text), 'utf8').toString('base64'),
  base64Decode: (text: string) => Buffer.from(String(text), 'base64').toString('utf8'),
  autoId: () => randomUUID(),
  autoUlid: () => ulid(current().now()),
  autoKsuid: () => ksuid(current().now()),
  matches: (pattern: string, value: string) => compiled(pattern).test(value),
  authType: () => current().authType,
  unauthorized(): never {
    const { typeName, fieldName } = current()
    throw new ResolverError(`Not Authorized to access ${fieldName} on type ${typeName}`, 'Unauthorized')
  },
  error(message: string, errorType?: string | null, data?: unknown, errorInfo?: unknown): never {
    throw new ResolverError(String(message), errorType ?? null, data ?? null, errorInfo ?? null)
  },
  appendError(message: string, errorType?: string | null, data?: unknown, errorInfo?: unknown): void {
    current().errors.push(new ResolverError(String(message), errorType ?? null, data ?? null, errorInfo ?? null))
  },
}
