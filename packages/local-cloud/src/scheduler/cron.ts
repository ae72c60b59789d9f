import { validationError } from '../aws-error.ts'
import { parseField } from './cron-field.ts'
import type { TimeZone } from './time-zone.ts'

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const lastYear = 2199
const dayMs = 86_400_000

interface Day {
  dayOfMonth: number
  /** 1 is Sunday, as AWS counts. */
  weekday: number
  daysInMonth: number
}

type DayRule = (day: Day) => boolean

/** Gives the first moment after another at which `cron(minutes hours day month weekday year)` is due. */
export function parseCron(fields: string, zone: TimeZone): (after: number) => number | undefined {
  const parts = fields.trim().split(/\s+/)
  const [minute = '', hour = '', dayOfMonth = '', month = '', weekday = '', year = ''] = parts
  const minutes = parseField(minute, 0, 59)
  const hours = parseField(hour, 0, 23)
  const monthSet = parseField(month, 1, 12, months)
  const years = parseField(year, 1970, lastYear)
  const matchesDay = dayRule(dayOfMonth, weekday)
  if (parts.length !== 6 || !minutes || !hours || !monthSet || !years || !matchesDay) throw notCron(fields)
  const times = [...hours].flatMap((h) => [...minutes].map((m) => (h * 60 + m) * 60_000)).sort((a, b) => a - b)

  return (after) => {
    const start = zone.toWall(after)
    for (let day = start - (start % dayMs); ; day += dayMs) {
      const date = new Date(day)
      if (date.getUTCFullYear() > lastYear) return undefined
      if (!years.has(date.getUTCFullYear()) || !monthSet.has(date.getUTCMonth() + 1) || !matchesDay(dayOf(date)))
        continue
      for (const time of times) {
        const moment = zone.toMoment(day + time)
        if (moment !== undefined && moment > after) return moment
      }
    }
  }
}

function dayOf(date: Date): Day {
  const end = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0))
  return { dayOfMonth: date.getUTCDate(), weekday: date.getUTCDay() + 1, daysInMonth: end.getUTCDate() }
}

// One of the two must be "?": a day is chosen by its number or by its weekday.
function dayRule(dayOfMonth: string, weekday: string): DayRule | undefined {
  if (weekday === '?') return dayOfMonthRule(dayOfMonth)
  if (dayOfMonth === '?') return weekdayRule(weekday)
  return undefined
}

function dayOfMonthRule(text: string): DayRule | undefined {
  if (text === 'L') return ({ dayOfMonth, daysInMonth }) => dayOfMonth === daysInMonth
  const nearWorkday = /^(\d+)W$/.exec(text)
  if (nearWorkday) return (day) => day.dayOfMonth === nearestWorkday(Number(nearWorkday[1]), day)
  const days = parseField(text, 1, 31)
  return days && (({ dayOfMonth }) => days.has(dayOfMonth))
}

/** The working day nearest to a day of the same month as `day`, without leaving the month. */
function nearestWorkday(wanted: number, { dayOfMonth, weekday, daysInMonth }: Day): number {
  const target = Math.min(wanted, daysInMonth)
  const targetWeekday = (((weekday - 1 + target - dayOfMonth) % 7) + 7) % 7
  if (targetWeekday === 6) return target > 1 ? target - 1 : target + 2
  if (targetWeekday === 0) return target < daysInMonth ? target + 1 : target - 2
  return target
}

function weekdayRule(text: string): DayRule | undefined {
  if (text === 'L') return ({ weekday }) => weekday === 7
  const special = /^(\w+?)(?:#([1-5])|(L))$/.exec(text)
  if (!special) {
    const days = parseField(text, 1, 7, weekdays)
    return days && (({ weekday }) => days.has(weekday))
  }
  const wanted = parseField(special[1] ?? '', 1, 7, weekdays)
  if (!wanted) return undefined
  const nth = Number(special[2])
  return ({ weekday, dayOfMonth, daysInMonth }) =>
    wanted.has(weekday) && (special[3] ? dayOfMonth > daysInMonth - 7 : Math.ceil(dayOfMonth / 7) === nth)
}

function notCron(fields: string) {
  return validationError(
    `ScheduleExpression cron(${fields}) must be cron(minutes hours day-of-month month day-of-week year) with ? for one of the two days`,
  )
}
