import { defineAgent } from 'agent-jobs'
import * as z from 'zod'
import { Task } from './task.ts'

/** One task → how hard it is, what may go wrong, its parts, and what must be asked first. */
export const analyzeTask = defineAgent({
  name: 'analyzeTask',
  input: z.object({
    task: Task,
    /** The project, the team, the code: anything that helps to judge the task. */
    context: z.string().max(10_000).optional(),
  }),
  output: z.object({
    summary: z.string().min(1),
    complexity: z.enum(['LOW', 'MEDIUM', 'HIGH']),
    estimateMinutes: z.int().min(1),
    risks: z.array(z.object({ risk: z.string().min(1), mitigation: z.string().min(1) })).max(10),
    subtasks: z
      .array(z.object({ title: z.string().min(1), estimateMinutes: z.int().min(1) }))
      .min(1)
      .max(20),
    unknowns: z.array(z.string().min(1)).max(10),
  }),
  system: `You analyse one task before somebody starts it, as an experienced colleague would.
Judge the complexity by what has to be found out, not by how long the text is. Split the task into subtasks that can each be
finished and checked in one sitting; their estimates add up to the whole. A risk says what may go wrong and comes with
something to do about it. An unknown is a question that, answered otherwise than expected, would change the work.`,
  prompt: () => 'Analyse this task.',
  timeout: { minutes: 5 },
  retry: { maxAttempts: 3 },
})
