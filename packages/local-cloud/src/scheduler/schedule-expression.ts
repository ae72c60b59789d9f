import { validationError } from '../aws-error.ts'
import { parseCron } from './cron.ts'
import { timeZone } from './time-zone.ts'

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** When a schedule is due. */
export interface Occurrences {
  /** The first moment later than `after`, or undefined when there is none. */
  next(after: number): number | undefined
}

/** Reads `rate(…)`, `cron(…)` or `at(…)`. A rate counts from `start`, and is due at `start` itself. */
export function parseExpression(expression: string, zoneName: string, start: number): Occurrences {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? []
  switch (kind) {
    case 'rate':
      return { next: everyPeriod(argument, start) }
    case 'cron':
      return { next: parseCron(argument, timeZone(zoneName)) }
    case 'at': {
      const moment = momentOf(argument, zoneName)
      return { next: (after) => (moment > after ? moment : undefined) }
    }
    default:
      throw validationError(`ScheduleExpression must be rate(…), cron(…) or at(…), got ${expression}`)
  }
}

function everyPeriod(argument: string, start: number): (after: number) => number {
  const [, count, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(argument.trim()) ?? []
  if (!unit)
    throw validationError(`ScheduleExpression rate must be like rate(5 minutes), hours or days, got rate(${argument})`)
  const period = Number(count) * unitMs[unit as keyof typeof unitMs]
  return (after) => (after < start ? start : start + (Math.floor((after - start) / period) + 1) * period)
}

function momentOf(argument: string, zoneName: string): number {
  const isWall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument)
  const wall = isWall ? Date.parse(`${argument}Z`) : Number.NaN
  const moment = Number.isNaN(wall) ? undefined : timeZone(zoneName).toMoment(wall)
  if (moment === undefined) {
    throw validationError(`ScheduleExpression at must be like at(2030-01-31T08:00:00), got at(${argument})`)
  }
  return moment
}
