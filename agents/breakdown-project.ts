import { defineAgent } from 'agent-jobs'
import * as z from 'zod'
import { repeatedIds } from './task.ts'

const PlannedTask = z.object({
  id: z.string().min(1).max(128),
  title: z.string().min(1).max(300),
  description: z.string(),
  estimateMinutes: z.int().min(1),
  /** Ids of tasks that must be done before this one. */
  dependsOn: z.array(z.string()).default([]),
})

/** A project description → phases, and in them tasks with estimates. */
export const breakdownProject = defineAgent({
  name: 'breakdownProject',
  input: z.object({
    title: z.string().min(1).max(300).optional(),
    description: z.string().min(1).max(50_000),
    deadline: z.iso.date().optional(),
    teamSize: z.int().min(1).max(1000).optional(),
  }),
  output: z.object({
    summary: z.string().min(1),
    phases: z
      .array(z.object({ name: z.string().min(1), goal: z.string(), tasks: z.array(PlannedTask).min(1).max(30) }))
      .min(1)
      .max(12),
    assumptions: z.array(z.string()).default([]),
  }),
  system: `You break a project down into phases, and each phase into tasks that one person can finish in half an hour to two days.
A phase ends in something that can be shown. A task's title starts with a verb and its description says when it is done.
Estimate each task in minutes of work, give it a short id such as "t1", and list in dependsOn the ids that must come first.
Write down as assumptions what you had to take for granted.`,
  prompt: ({ deadline, teamSize }) =>
    [
      'Break this project down.',
      deadline && `It must be finished by ${deadline}.`,
      teamSize && `${teamSize === 1 ? 'One person works' : `${teamSize} people work`} on it.`,
    ]
      .filter(Boolean)
      .join(' '),
  check: ({ phases }) => {
    const tasks = phases.flatMap((phase) => phase.tasks)
    const ids = tasks.map((task) => task.id)
    return [
      ...repeatedIds(ids).map((id) => `two tasks have the id ${JSON.stringify(id)}`),
      ...tasks.flatMap((task) => {
        const missing = task.dependsOn.filter((id) => id === task.id || !ids.includes(id))
        return missing.map(
          (id) => `task ${task.id} cannot depend on ${JSON.stringify(id)}: it must be another task's id`,
        )
      }),
    ]
  },
  timeout: { minutes: 10 },
  retry: { maxAttempts: 3 },
})
