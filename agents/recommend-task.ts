import { defineAgent } from 'agent-jobs'
import * as z from 'zod'
import { TaskList, unknownTasks } from './task.ts'

/** A list of tasks → the one to do next, and why. */
export const recommendTask = defineAgent({
  name: 'recommendTask',
  input: z.object({
    tasks: TaskList,
    now: z.iso.datetime({ offset: true }),
    /** What the user said about the moment: "forty minutes left", "too tired for hard things". */
    context: z.string().max(2000).optional(),
  }),
  output: z.object({
    taskId: z.string(),
    reason: z.string().min(1),
    alternatives: z
      .array(z.object({ taskId: z.string(), reason: z.string() }))
      .max(3)
      .default([]),
  }),
  system: `You choose the one task its owner should do next.
Weigh what is overdue or due soon first, then priority, then what fits the time and energy the owner has, then what unblocks other work.
Give the reason in one or two sentences that name the facts you weighed. Name up to three alternatives, best first.`,
  prompt: ({ tasks, now }) => `It is ${now}. Choose the next of these ${tasks.length} tasks. Use the ids as given.`,
  check: ({ taskId, alternatives }, { tasks }) =>
    unknownTasks([taskId, ...alternatives.map((alternative) => alternative.taskId)], tasks),
  timeout: { minutes: 5 },
  retry: { maxAttempts: 3 },
})
