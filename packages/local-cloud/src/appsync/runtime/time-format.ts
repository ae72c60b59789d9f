import { ResolverError } from './invocation.ts'

// The letters of Java's DateTimeFormatter that dates and times in an API use; any other letter is refused by name.
const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g
const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

interface Fields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
  weekday: number
  offsetMinutes: number
}

/** Minutes that `zone` ("UTC", "+02:00", "Europe/Oslo") is ahead of UTC at `epoch`. */
function offsetAt(epoch: number, zone: string): number {
  const fixed = /^(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})$/.exec(zone)
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]))
  if (zone === 'UTC' || zone === 'Z' || zone === 'GMT') return 0
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(epoch)
    const part = (type: string) => Number(parts.find((entry) => entry.type === type)?.value)
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
    return Math.round((local - Math.floor(epoch / 1000) * 1000) / 60_000)
  } catch {
    throw new ResolverError(
      `util.time: unknown time zone ${zone}; use a name such as Europe/Oslo or an offset +02:00`,
      'Code',
    )
  }
}

function fieldsAt(epoch: number, zone: string): Fields {
  const offsetMinutes = offsetAt(epoch, zone)
  const local = new Date(epoch + offsetMinutes * 60_000)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
    weekday: local.getUTCDay(),
    offsetMinutes,
  }
}

function offsetText(minutes: number, letter: string, width: number): string {
  if (minutes === 0 && letter === 'X') return 'Z'
  const sign = minutes < 0 ? '-' : '+'
  const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')
  const rest = String(Math.abs(minutes) % 60).padStart(2, '0')
  if (letter === 'Z' ? width < 4 : width === 2) return `${sign}${hours}${rest}`
  if (letter !== 'Z' && width === 1) return rest === '00' ? `${sign}${hours}` : `${sign}${hours}${rest}`
  return `${letter === 'Z' ? 'GMT' : ''}${sign}${hours}:${rest}`
}

function month(number: number, width: number): string {
  if (width <= 2) return String(number).padStart(width, '0')
  const name = MONTHS[number - 1] ?? ''
  return width === 3 ? name.slice(0, 3) : name
}

function written(token: string, at: Fields, zone: string): string {
  const width = token.length
  const padded = (value: number) => String(value).padStart(width, '0')
  switch (token[0]) {
    case 'y':
    case 'u':
      return width === 2 ? String(at.year % 100).padStart(2, '0') : padded(at.year)
    case 'M':
    case 'L':
      return month(at.month, width)
    case 'd':
      return padded(at.day)
    case 'H':
      return padded(at.hour)
    case 'h':
      return padded(at.hour % 12 || 12)
    case 'm':
      return padded(at.minute)
    case 's':
      return padded(at.second)
    case 'S':
      return `${String(at.millisecond).padStart(3, '0')}000000`.slice(0, width)
    case 'a':
      return at.hour < 12 ? 'AM' : 'PM'
    case 'E':
      return width < 4 ? (DAYS[at.weekday] ?? '').slice(0, 3) : (DAYS[at.weekday] ?? '')
    case 'X':
    case 'x':
    case 'Z':
      return offsetText(at.offsetMinutes, token[0], width)
    case 'V':
    case 'z':
      return zone
    default:
      throw new ResolverError(`util.time: pattern letter ${token[0]} is not emulated locally`, 'Code')
  }
}

/** `epoch` written by a pattern of Java's DateTimeFormatter. */
export function formatTime(epoch: number, format: string, zone = 'UTC'): string {
  const at = fieldsAt(epoch, zone)
  return format.replace(TOKEN, (token, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'")
    return /^[A-Za-z]/.test(token) ? written(token, at, zone) : token
  })
}

const PARSED: Record<string, [keyof Fields | 'pm' | 'name' | 'offset', string]> = {
  y: ['year', '\\d{1,4}'],
  u: ['year', '\\d{1,4}'],
  d: ['day', '\\d{1,2}'],
  H: ['hour', '\\d{1,2}'],
  h: ['hour', '\\d{1,2}'],
  m: ['minute', '\\d{1,2}'],
  s: ['second', '\\d{1,2}'],
  S: ['millisecond', '\\d{1,9}'],
  a: ['pm', '[AaPp][Mm]'],
  E: ['name', '[A-Za-z]+'],
  X: ['offset', 'Z|[+-]\\d{2}(?::?\\d{2})?'],
  x: ['offset', '[+-]\\d{2}(?::?\\d{2})?'],
  Z: ['offset', '[+-]\\d{4}'],
}

function readers(format: string): { pattern: RegExp; fields: string[] } {
  const fields: string[] = []
  const source = format.replace(TOKEN, (token, quoted: string | undefined) => {
    const literal = quoted === undefined ? token : quoted === '' ? "'" : quoted
    if (quoted !== undefined || !/^[A-Za-z]/.test(token)) return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    if (token[0] === 'M' || token[0] === 'L') {
      fields.push('month')
      return token.length > 2 ? '([A-Za-z]+)' : '(\\d{1,2})'
    }
    const known = PARSED[token[0] as string]
    if (!known) throw new ResolverError(`util.time: pattern letter ${token[0]} is not emulated locally`, 'Code')
    fields.push(known[0])
    return token.length > 1 && known[1].startsWith('\\d') ? `(\\d{${token.length}})` : `(${known[1]})`
  })
  return { pattern: new RegExp(`^${source}$`), fields }
}

const monthNumber = (text: string) =>
  /^\d+$/.test(text) ? Number(text) : MONTHS.findIndex((name) => name.startsWith(text)) + 1

/** Epoch milliseconds of `text`, which follows `format`. */
export function parseTime(text: string, format: string, zone?: string): number {
  const { pattern, fields } = readers(format)
  const found = pattern.exec(text)
  if (!found) throw new ResolverError(`util.time: ${text} does not follow the pattern ${format}`, 'Code')
  const read: Record<string, string> = {}
  fields.forEach((field, index) => {
    read[field] = found[index + 1] as string
  })
  const number = (field: string, otherwise: number) => (read[field] === undefined ? otherwise : Number(read[field]))
  const year = read.year?.length === 2 ? 2000 + Number(read.year) : number('year', 1970)
  let hour = number('hour', 0)
  if (read.pm) hour = (hour % 12) + (/p/i.test(read.pm) ? 12 : 0)
  const millisecond = Math.floor(Number(`0.${read.millisecond ?? '0'}`) * 1000)
  const local = Date.UTC(
    year,
    (read.month ? monthNumber(read.month) : 1) - 1,
    number('day', 1),
    hour,
    number('minute', 0),
    number('second', 0),
    millisecond,
  )
  const offset = read.offset === undefined ? offsetAt(local, zone ?? 'UTC') : offsetAt(local, wide(read.offset))
  return local - offset * 60_000
}

const wide = (offset: string) => (/^[+-]\d{2}$/.test(offset) ? `${offset}:00` : offset)
