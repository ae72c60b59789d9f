import type { RuleAnswer } from '@agent-jobs/local-cloud/bedrock'
import { isRecord, textOf } from '@agent-jobs/local-cloud/bedrock'
import { byDueDate, byPriority, duePhrase, readTasks, type Task } from './task.ts'

/** Ranks by due date, then priority, then the shorter one. */
export function recommendTask(input: unknown): RuleAnswer | undefined {
  if (!isRecord(input)) return undefined
  const today = textOf(input.now)?.slice(0, 10)
  const ranked = readTasks(input.tasks).sort((a, b) => byDueDate(a, b) || byPriority(a, b) || length(a) - length(b))
  const [first, ...others] = ranked
  if (!today || !first) return undefined
  const alternatives = others.slice(0, 3).map((task) => ({ taskId: task.id, reason: `It ${facts(task, today)}.` }))
  return {
    text: `I ranked ${ranked.length} tasks by due date, then by priority. "${first.title}" comes first: it ${facts(first, today)}.`,
    value: {
      taskId: first.id,
      reason: `"${first.title}" ${facts(first, today)}. (offline: ranked by rules, no language model was asked)`,
      alternatives,
    },
  }
}

function facts(task: Task, today: string): string {
  const priority = task.priority ? ` and has ${task.priority} priority` : ''
  const minutes = task.estimateMinutes ? `, about ${task.estimateMinutes} minutes` : ''
  return `${duePhrase(task, today)}${priority}${minutes}`
}

function length(task: Task): number {
  return task.estimateMinutes ?? Number.MAX_SAFE_INTEGER
}
