import type { RuleAnswer } from '@agent-jobs/local-cloud/bedrock'
import { isRecord, textOf } from '@agent-jobs/local-cloud/bedrock'
import { readTask, type Task } from './task.ts'

interface Signal {
  words: RegExp
  risk: string
  mitigation: string
  question: string
}

/** Words that experience connects with trouble. */
const SIGNALS: Signal[] = [
  {
    words: /\b(migrat\w*|move|import|convert|upgrade|replace)\b/i,
    risk: 'Data may be lost or changed on the way.',
    mitigation: 'Keep the old copy, compare counts and samples, and rehearse the way back.',
    question: 'How is the move undone if it goes wrong?',
  },
  {
    words: /\b(production|live|customers?|users?|downtime|without (logging|losing|stopping))\b/i,
    risk: 'People who use the system now may notice the change.',
    mitigation: 'Release in steps behind a switch, and watch the errors after each.',
    question: 'Which disturbance is acceptable, and at what time of day?',
  },
  {
    words: /\b(secur\w*|auth\w*|login|sessions?|passwords?|tokens?|payments?|pay|cards?|personal data)\b/i,
    risk: 'A mistake may open access to what must stay closed.',
    mitigation: 'Let a second person review it, and test the refusals as well as the successes.',
    question: 'Who has to agree before this goes live?',
  },
  {
    words: /\b(legacy|librar(y|ies)|third.party|vendor|api|external|did not write)\b/i,
    risk: 'A part that is not ours may behave otherwise than expected.',
    mitigation: 'Try that part out first, in half a day, before anything is built on it.',
    question: 'Where is the behaviour of the foreign part written down?',
  },
  {
    words: /\b(performance|slow|fast|scale|million|[0-9]+,000|concurren\w*|traffic)\b/i,
    risk: 'It may work in the test and be too slow in use.',
    mitigation: 'Measure with a realistic amount of data before the end.',
    question: 'How much data and how many requests must it bear?',
  },
]

const SHARES = [
  { title: 'Write down when it is done', share: 0.1 },
  { title: 'Try out the riskiest part', share: 0.2 },
  { title: 'Make the change', share: 0.45 },
  { title: 'Test it, the failures too', share: 0.15 },
  { title: 'Release it and watch', share: 0.1 },
]

/** Judges by the length of the text, the estimate and words that signal trouble. */
export function analyzeTask(input: unknown): RuleAnswer | undefined {
  const task = isRecord(input) ? readTask(input.task) : undefined
  if (!isRecord(input) || !task) return undefined
  const text = [task.title, task.description, textOf(input.context) ?? ''].join('\n')
  const found = SIGNALS.filter(({ words }) => words.test(text))
  const complexity = judge(task, found.length)
  const estimateMinutes = task.estimateMinutes ?? { LOW: 60, MEDIUM: 240, HIGH: 960 }[complexity]
  const signs = found.length === 1 ? '1 sign' : `${found.length} signs`
  return {
    text: `I looked for ${SIGNALS.length} known signs of trouble in "${task.title}" and found ${found.length}. I judge its complexity as ${complexity}.`,
    value: {
      summary: `"${task.title}": ${complexity} complexity, ${signs} of trouble. (offline: judged by key words, no language model was asked)`,
      complexity,
      estimateMinutes,
      risks: found.map(({ risk, mitigation }) => ({ risk, mitigation })),
      subtasks: subtasks(estimateMinutes),
      unknowns: [...missing(task), ...found.map(({ question }) => question)],
    },
  }
}

function judge(task: Task, signals: number): 'LOW' | 'MEDIUM' | 'HIGH' {
  const minutes = task.estimateMinutes ?? 0
  const points = signals + (minutes > 480 ? 2 : minutes > 120 ? 1 : 0) + (task.description.length > 600 ? 1 : 0)
  return points >= 4 ? 'HIGH' : points >= 2 ? 'MEDIUM' : 'LOW'
}

/** Shares of the whole that add up to it; what rounding leaves over goes to the change itself. */
function subtasks(total: number): { title: string; estimateMinutes: number }[] {
  if (total < 30) return [{ title: 'Do it in one sitting', estimateMinutes: total }]
  const parts = SHARES.map(({ title, share }) => ({ title, estimateMinutes: Math.max(1, Math.floor(total * share)) }))
  const rest = total - parts.reduce((sum, part) => sum + part.estimateMinutes, 0)
  return parts.map((part, index) => (index === 2 ? { ...part, estimateMinutes: part.estimateMinutes + rest } : part))
}

function missing(task: Task): string[] {
  return [
    task.description ? '' : 'What exactly is asked for? The task has no description.',
    task.dueDate ? '' : 'By when is it needed? The task has no due date.',
    task.estimateMinutes ? '' : 'How long may it take? The task has no estimate.',
  ].filter(Boolean)
}
