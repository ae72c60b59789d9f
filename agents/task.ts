import * as z from 'zod'

/** A task as the four agents take it: whatever the user's task list knows, only `id` and `title` are needed. */
export const Task = z.object({
  id: z.string().min(1).max(128),
  title: z.string().min(1).max(300),
  description: z.string().max(10_000).optional(),
  estimateMinutes: z.int().min(1).max(100_000).optional(),
  /** The day it must be done by, YYYY-MM-DD. */
  dueDate: z.iso.date().optional(),
  priority: z.enum(['HIGH', 'MEDIUM', 'LOW']).optional(),
})

export type Task = z.infer<typeof Task>

export const TaskList = z
  .array(Task)
  .min(1)
  .max(200)
  .refine((tasks) => repeatedIds(tasks.map((task) => task.id)).length === 0, 'each task must have an id of its own')

/** A time of day, HH:MM on a 24-hour clock. */
export const TimeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time such as 09:30')

/** Which of the ids an answer speaks of are not the user's: a model may invent one. */
export function unknownTasks(taskIds: string[], tasks: Task[]): string[] {
  const known = new Set(tasks.map((task) => task.id))
  return taskIds.filter((id) => !known.has(id)).map((id) => `there is no task with the id ${JSON.stringify(id)}`)
}

/** An id given twice makes an answer about it ambiguous. */
export function repeatedIds(ids: string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
}
