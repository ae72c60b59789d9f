import { isOnCalendar } from './calendar.ts'
import { current, ResolverError } from './invocation.ts'
import { formatTime, parseTime } from './time-format.ts'

function parseIso(text: string): number {
  const epoch = Date.parse(text)
  if (Number.isNaN(epoch) || !isOnCalendar(text))
    throw new ResolverError(`util.time: ${text} is no ISO 8601 date and time`, 'Code')
  return epoch
}

/** `util.time`; the time is the local cloud's clock. */
export const time = {
  nowISO8601: () => new Date(current().now()).toISOString(),
  nowEpochSeconds: () => Math.floor(current().now() / 1000),
  nowEpochMilliSeconds: () => current().now(),
  nowFormatted: (format: string, zone?: string) => formatTime(current().now(), format, zone),
  parseFormattedToEpochMilliSeconds: (text: string, format: string, zone?: string) => parseTime(text, format, zone),
  parseISO8601ToEpochMilliSeconds: parseIso,
  epochMilliSecondsToSeconds: (milliseconds: number) => Math.floor(milliseconds / 1000),
  epochMilliSecondsToISO8601: (milliseconds: number) => new Date(milliseconds).toISOString(),
  epochMilliSecondsToFormatted: (milliseconds: number, format: string, zone?: string) =>
    formatTime(milliseconds, format, zone),
}
