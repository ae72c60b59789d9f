import { jsonText } from './reported.ts'

export interface PartialResult {
  /** Takes the value as it is now. */
  say(value: unknown): void
  /** The JSON of what was said last and fits, once; undefined when there is nothing new. */
  take(): string | undefined
}

interface Said {
  text(): string
  /** The bytes of its JSON, at the least and at the most. */
  bytes: [least: number, most: number]
}

/**
 * Keeps what an agent said of its result until somebody writes it down: with a text that grows by words, making JSON of each
 * would cost the square of its length. What does not fit into `room` bytes leaves what was said before.
 */
export function createPartialResult(room: number, tooLarge: (bytes: number) => void): PartialResult {
  let last: Said | undefined
  /** Said before the last, and sure to fit. */
  let sure: Said | undefined
  return {
    say(value) {
      const said = isFlat(value) ? later(value) : now(value)
      const [least, most] = said.bytes
      if (least > room) return tooLarge(least)
      last = said
      if (most <= room) sure = said
    },
    take() {
      const all = new Set([last, sure])
      last = sure = undefined
      for (const said of all) {
        const text = said?.text()
        const bytes = text === undefined ? 0 : Buffer.byteLength(text)
        if (bytes <= room) return text
        tooLarge(bytes)
      }
    },
  }
}

function now(value: unknown): Said {
  const text = jsonText('partial', value)
  const bytes = Buffer.byteLength(text)
  return { text: () => text, bytes: [bytes, bytes] }
}

/** Holds nothing that could change, or be refused, until it is written. */
function later(value: unknown): Said {
  const copy = typeof value === 'object' ? { ...value } : value
  const parts = typeof copy === 'object' ? Object.entries(copy ?? {}).flat() : [copy]
  const characters = parts.reduce((sum: number, part) => sum + (typeof part === 'string' ? part.length : 0), 0)
  // JSON writes a character as six bytes at the most, and anything else here in less than 30.
  return { text: () => jsonText('partial', copy), bytes: [characters, 6 * characters + 30 * (parts.length + 1)] }
}

function isFlat(value: unknown): boolean {
  if (isPrimitive(value)) return true
  const prototype = typeof value === 'object' && value !== null && Object.getPrototypeOf(value)
  return prototype === Object.prototype && Object.values(value as object).every(isPrimitive)
}

function isPrimitive(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}
