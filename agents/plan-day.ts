import { defineAgent } from 'agent-jobs'
import * as z from 'zod'
import { repeatedIds, type Task, TaskList, TimeOfDay, unknownTasks } from './task.ts'

const WorkingHours = z
  .object({ start: TimeOfDay, end: TimeOfDay })
  .refine(({ start, end }) => start < end, { message: 'start must be before end', path: ['end'] })

const Slot = z.object({
  taskId: z.string(),
  title: z.string(),
  start: TimeOfDay,
  end: TimeOfDay,
  reason: z.string(),
})

type Slot = z.infer<typeof Slot>

/** Tasks, a date and working hours → a schedule that fits, and what found no room. */
export const planDay = defineAgent({
  name: 'planDay',
  input: z.object({
    date: z.iso.date(),
    workingHours: WorkingHours,
    tasks: TaskList,
    /** Time that is taken: meetings, lunch. */
    busy: z
      .array(z.object({ title: z.string().max(300), start: TimeOfDay, end: TimeOfDay }))
      .max(50)
      .optional(),
  }),
  output: z.object({
    date: z.iso.date(),
    schedule: z.array(Slot),
    unscheduled: z.array(z.object({ taskId: z.string(), reason: z.string() })),
    notes: z.string(),
  }),
  system: `You plan one working day.
Put what is overdue or due on that day first, then by priority; give demanding work the longest free stretches.
A task takes its estimateMinutes; where there is none, judge it and say so in the slot's reason. A task may be split into two slots.
Slots lie inside the working hours, never overlap each other or the busy times, and use the tasks' ids as given.
Each task is either in the schedule or in unscheduled, with the reason it found no room. An honest day that leaves things out
beats a full one that cannot be done.`,
  prompt: ({ date, workingHours, tasks }) =>
    `Plan ${date} from ${workingHours.start} to ${workingHours.end} with these ${tasks.length} tasks.`,
  check: ({ date, schedule, unscheduled }, input) => {
    const mentioned = [...schedule, ...unscheduled].map((entry) => entry.taskId)
    return [
      ...(date === input.date ? [] : [`date must be ${input.date}, got ${date}`]),
      ...unknownTasks(mentioned, input.tasks),
      ...forgotten(mentioned, input.tasks),
      ...inBoth(schedule, unscheduled),
      ...cutShort(schedule, input.tasks),
      ...misplaced(schedule, input.workingHours),
      ...overlaps(schedule, input.busy ?? []),
    ]
  },
  timeout: { minutes: 5 },
  retry: { maxAttempts: 3 },
})

function forgotten(mentioned: string[], tasks: Task[]): string[] {
  const missing = tasks.filter((task) => !mentioned.includes(task.id))
  return missing.map((task) => `task ${task.id} is neither in schedule nor in unscheduled`)
}

function inBoth(schedule: Slot[], unscheduled: { taskId: string }[]): string[] {
  const planned = new Set(schedule.map((slot) => slot.taskId))
  const twice = unscheduled.filter(({ taskId }) => planned.has(taskId)).map(({ taskId }) => taskId)
  const repeated = repeatedIds(unscheduled.map(({ taskId }) => taskId))
  return [
    ...twice.map((id) => `task ${id} is both in schedule and in unscheduled`),
    ...repeated.map((id) => `task ${id} is in unscheduled more than once`),
  ]
}

function cutShort(schedule: Slot[], tasks: Task[]): string[] {
  return tasks.flatMap(({ id, estimateMinutes = 0 }) => {
    const slots = schedule.filter((slot) => slot.taskId === id)
    const planned = slots.reduce((sum, { start, end }) => sum + minutesOf(end) - minutesOf(start), 0)
    if (slots.length === 0 || planned >= estimateMinutes) return []
    return [`task ${id} takes ${estimateMinutes} minutes, its slots have ${planned}: give it its time or leave it out`]
  })
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

// Times are HH:MM, so they compare as text.
function misplaced(schedule: Slot[], hours: { start: string; end: string }): string[] {
  return schedule.flatMap(({ taskId, start, end }) => {
    if (start >= end) return [`the slot of task ${taskId} must start before it ends, got ${start} to ${end}`]
    if (start >= hours.start && end <= hours.end) return []
    return [
      `the slot of task ${taskId}, ${start} to ${end}, is outside the working hours ${hours.start} to ${hours.end}`,
    ]
  })
}

function overlaps(schedule: Slot[], busy: { title: string; start: string; end: string }[]): string[] {
  return schedule.flatMap((slot, index) => {
    const later = schedule.slice(index + 1).map((other) => ({ ...other, what: `the slot of task ${other.taskId}` }))
    const taken = busy.map((other) => ({ ...other, what: `the busy time ${JSON.stringify(other.title)}` }))
    const hit = [...later, ...taken].filter((other) => slot.start < other.end && other.start < slot.end)
    return hit.map((other) => `the slot of task ${slot.taskId}, ${slot.start} to ${slot.end}, overlaps ${other.what}`)
  })
}
