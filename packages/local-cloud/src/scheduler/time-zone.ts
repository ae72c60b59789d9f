import { validationError } from '../aws-error.ts'

/** Turns wall-clock time in a zone, given as if it were UTC, into the moment it stands for; undefined when it is skipped there. */
export type ToMoment = (wall: number) => number | undefined

export interface TimeZone {
  toMoment: ToMoment
  /** The wall-clock time at a moment, as if it were UTC. */
  toWall: (moment: number) => number
}

export function timeZone(name: string): TimeZone {
  if (name === 'UTC') return { toMoment: (wall) => wall, toWall: (moment) => moment }
  const format = formatFor(name)
  const toWall = (moment: number) => {
    const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day, hour, minute, second } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }
  return {
    toWall,
    toMoment(wall) {
      const guess = wall - (toWall(wall) - wall)
      // Near a change of daylight saving time the offset at the guess may be another one.
      const moment = wall - (toWall(guess) - guess)
      return toWall(moment) === wall ? moment : undefined
    },
  }
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric'
  const shown = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...shown })
  } catch {
    throw validationError(`ScheduleExpressionTimezone must be a name like Europe/Berlin, got ${timeZone}`)
  }
}
