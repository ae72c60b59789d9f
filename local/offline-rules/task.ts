import { isRecord, textOf } from '@agent-jobs/local-cloud/bedrock'

/** What the rules read of a task. */
export interface Task {
  id: string
  title: string
  description: string
  estimateMinutes?: number
  dueDate?: string
  priority?: string
}

export function readTask(value: unknown): Task | undefined {
  if (!isRecord(value)) return undefined
  const [id, title] = [textOf(value.id), textOf(value.title)]
  if (!id || !title) return undefined
  const minutes = value.estimateMinutes
  return {
    id,
    title,
    description: textOf(value.description) ?? '',
    estimateMinutes: typeof minutes === 'number' && minutes > 0 ? minutes : undefined,
    dueDate: textOf(value.dueDate),
    priority: textOf(value.priority),
  }
}

export function readTasks(value: unknown): Task[] {
  return Array.isArray(value) ? value.flatMap((task) => readTask(task) ?? []) : []
}

const RANK: Record<string, number> = { HIGH: 0, MEDIUM: 1, LOW: 3 }

/** Smaller is more urgent; a task without a priority stands between MEDIUM and LOW. */
function priorityRank({ priority = '' }: Task): number {
  return RANK[priority] ?? 2
}

/** Dates are YYYY-MM-DD and compare as text; no due date comes last. */
export function byDueDate(a: Task, b: Task): number {
  return (a.dueDate ?? '9999').localeCompare(b.dueDate ?? '9999')
}

export function byPriority(a: Task, b: Task): number {
  return priorityRank(a) - priorityRank(b)
}

/** In words, as seen from `today`. */
export function duePhrase({ dueDate }: Task, today: string): string {
  if (!dueDate) return 'has no due date'
  if (dueDate < today) return `is overdue since ${dueDate}`
  return dueDate === today ? 'is due today' : `is due on ${dueDate}`
}
