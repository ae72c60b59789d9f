import { isRecord, textOf } from './json-input.ts'
import type { RuleAnswer } from './rule.ts'
import { byDueDate, byPriority, duePhrase, readTasks, type Task } from './task.ts'

const ASSUMED_MINUTES = 30

/** A stretch of the day in minutes since midnight. */
interface Stretch {
  start: number
  end: number
}

/** Takes the tasks by urgency and gives each the first free stretch that holds it. */
export function planDay(input: unknown): RuleAnswer | undefined {
  if (!isRecord(input)) return undefined
  const date = textOf(input.date)
  const hours = readStretch(input.workingHours)
  const tasks = readTasks(input.tasks)
  if (!date || !hours || tasks.length === 0) return undefined
  let free = freeStretches(
    hours,
    Array.isArray(input.busy) ? input.busy.flatMap((busy) => readStretch(busy) ?? []) : [],
  )
  const schedule: { taskId: string; title: string; start: string; end: string; reason: string }[] = []
  const unscheduled: { taskId: string; reason: string }[] = []
  for (const task of byUrgency(tasks, date)) {
    const minutes = task.estimateMinutes ?? ASSUMED_MINUTES
    const room = free.find(({ start, end }) => end - start >= minutes)
    if (!room) {
      const longest = Math.max(0, ...free.map(({ start, end }) => end - start))
      unscheduled.push({
        taskId: task.id,
        reason: `It takes ${minutes} minutes; the longest free stretch left has ${longest}.`,
      })
      continue
    }
    const end = room.start + minutes
    const slot = { taskId: task.id, title: task.title, start: clockTime(room.start), end: clockTime(end) }
    schedule.push({ ...slot, reason: reasonFor(task, date) })
    free = free.map((stretch) => (stretch === room ? { start: end, end: room.end } : stretch))
  }
  schedule.sort((a, b) => a.start.localeCompare(b.start))
  const notes =
    unscheduled.length > 0 ? `${unscheduled.length} of ${tasks.length} tasks found no room.` : 'All tasks found room.'
  return {
    text: `I planned ${date} by due date and priority: ${schedule.length} of ${tasks.length} tasks fit between ${clockTime(hours.start)} and ${clockTime(hours.end)}.`,
    value: {
      date,
      schedule,
      unscheduled,
      notes: `${notes} (offline: scheduled by rules, no language model was asked)`,
    },
  }
}

/** Overdue or due on the day first, oldest first; then by priority; then by due date. */
function byUrgency(tasks: Task[], date: string): Task[] {
  const pressing = tasks.filter(({ dueDate }) => dueDate && dueDate <= date)
  const others = tasks.filter((task) => !pressing.includes(task))
  return [
    ...pressing.sort((a, b) => byDueDate(a, b) || byPriority(a, b)),
    ...others.sort((a, b) => byPriority(a, b) || byDueDate(a, b)),
  ]
}

function freeStretches(hours: Stretch, busy: Stretch[]): Stretch[] {
  let free = [hours]
  for (const taken of busy) {
    free = free.flatMap(({ start, end }) => {
      const before = { start, end: Math.min(end, taken.start) }
      const after = { start: Math.max(start, taken.end), end }
      return taken.start < end && start < taken.end
        ? [before, after].filter((part) => part.start < part.end)
        : [{ start, end }]
    })
  }
  return free
}

function reasonFor(task: Task, date: string): string {
  const due = duePhrase(task, date).replace('is due today', 'is due on this day')
  const priority = task.priority ? `, ${task.priority} priority` : ''
  const assumed = task.estimateMinutes ? '' : `, no estimate given: ${ASSUMED_MINUTES} minutes assumed`
  return `It ${due}${priority}${assumed}.`
}

function readStretch(value: unknown): Stretch | undefined {
  if (!isRecord(value)) return undefined
  const [start, end] = [minutesOf(value.start), minutesOf(value.end)]
  return start !== undefined && end !== undefined && start < end ? { start, end } : undefined
}

function minutesOf(time: unknown): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(textOf(time) ?? '') ?? []
  return hours && minutes ? Number(hours) * 60 + Number(minutes) : undefined
}

function clockTime(minutes: number): string {
  const part = (value: number) => String(value).padStart(2, '0')
  return `${part(Math.floor(minutes / 60))}:${part(minutes % 60)}`
}
