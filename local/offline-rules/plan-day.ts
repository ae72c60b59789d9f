import type { RuleAnswer } from '@agent-jobs/local-cloud/bedrock'
import { isRecord, textOf } from '@agent-jobs/local-cloud/bedrock'
import { byDueDate, byPriority, duePhrase, readTasks, type Task } from './task.ts'

const ASSUMED_MINUTES = 30
// A task is not torn into smaller parts than this: one has to find one's way into it each time.
const SMALLEST_PART = 30

/** A stretch of the day in minutes since midnight. */
interface Stretch {
  start: number
  end: number
}

/** Takes the tasks by urgency and gives each the first free stretch that holds it, or a long one two that do together. */
export function planDay(input: unknown): RuleAnswer | undefined {
  if (!isRecord(input)) return undefined
  const date = textOf(input.date)
  const hours = readStretch(input.workingHours)
  const tasks = readTasks(input.tasks)
  if (!date || !hours || tasks.length === 0) return undefined
  const busy = Array.isArray(input.busy) ? input.busy.flatMap((taken) => readStretch(taken) ?? []) : []
  let free = without([hours], busy)
  const schedule: { taskId: string; title: string; start: string; end: string; reason: string }[] = []
  const unscheduled: { taskId: string; reason: string }[] = []
  for (const task of byUrgency(tasks, date)) {
    const minutes = task.estimateMinutes ?? ASSUMED_MINUTES
    const parts = place(free, minutes)
    const reason = reasonFor(task, date, parts.length)
    for (const { start, end } of parts) {
      schedule.push({ taskId: task.id, title: task.title, start: clockTime(start), end: clockTime(end), reason })
    }
    if (parts.length === 0) unscheduled.push({ taskId: task.id, reason: noRoom(minutes, free) })
    free = without(free, parts)
  }
  schedule.sort((a, b) => a.start.localeCompare(b.start))
  const fitting = tasks.length - unscheduled.length
  const span = `between ${clockTime(hours.start)} and ${clockTime(hours.end)}`
  const notes = `${fitting} of ${tasks.length} tasks fit ${span}. (offline: scheduled by rules, no language model was asked)`
  return {
    text: `I planned ${date} by due date and priority: ${fitting} of ${tasks.length} tasks fit ${span}.`,
    value: { date, schedule, unscheduled, notes },
  }
}

/** Where `minutes` go: one stretch, two parts of at least SMALLEST_PART, or nowhere. */
function place(free: Stretch[], minutes: number): Stretch[] {
  const whole = free.find((stretch) => lengthOf(stretch) >= minutes)
  if (whole) return [{ start: whole.start, end: whole.start + minutes }]
  for (const [index, first] of free.entries()) {
    const taken = Math.min(lengthOf(first), minutes - SMALLEST_PART)
    const rest = minutes - taken
    const second = free.slice(index + 1).find((stretch) => lengthOf(stretch) >= rest)
    if (taken >= SMALLEST_PART && second) {
      return [
        { start: first.start, end: first.start + taken },
        { start: second.start, end: second.start + rest },
      ]
    }
  }
  return []
}

function noRoom(minutes: number, free: Stretch[]): string {
  return `It takes ${minutes} minutes; the longest free stretch left has ${Math.max(0, ...free.map(lengthOf))}.`
}

function lengthOf({ start, end }: Stretch): number {
  return end - start
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

/** What remains of `free` when `taken` is cut out of it. */
function without(free: Stretch[], taken: Stretch[]): Stretch[] {
  return taken.reduce((left, cut) => {
    return left.flatMap((stretch) => {
      if (cut.start >= stretch.end || cut.end <= stretch.start) return [stretch]
      const parts = [
        { start: stretch.start, end: cut.start },
        { start: cut.end, end: stretch.end },
      ]
      return parts.filter((part) => lengthOf(part) > 0)
    })
  }, free)
}

function reasonFor(task: Task, date: string, parts: number): string {
  const due = duePhrase(task, date).replace('is due today', 'is due on this day')
  const priority = task.priority ? `, ${task.priority} priority` : ''
  const assumed = task.estimateMinutes ? '' : `, no estimate given: ${ASSUMED_MINUTES} minutes assumed`
  return `It ${due}${priority}${assumed}${parts > 1 ? ', in two parts' : ''}.`
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
