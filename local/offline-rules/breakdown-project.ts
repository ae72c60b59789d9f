import type { RuleAnswer } from '@agent-jobs/local-cloud/bedrock'
import { isRecord, textOf } from '@agent-jobs/local-cloud/bedrock'

interface Phase {
  name: string
  goal: string
  tasks: PlannedTask[]
}

interface PlannedTask {
  id: string
  title: string
  description: string
  estimateMinutes: number
  dependsOn: string[]
}

const TASKS_PER_PHASE = 20
// A sentence goes to the first phase whose words it holds; what is left is something to build.
const DATA = /\b(import|export|migrat\w*|spreadsheets?|databases?|integrat\w*|sync\w*|connect\w*|legacy)\b/i
const QUALITY =
  /\b(must (work|run|load|stay|scale)|fast|secure|security|accessib\w*|performance|mobile|phone|tests?|tested)\b/i

/** Makes a task of each sentence of the description, between one phase that clarifies and one that hands over. */
export function breakdownProject(input: unknown): RuleAnswer | undefined {
  const description = isRecord(input) ? textOf(input.description) : undefined
  if (!isRecord(input) || !description) return undefined
  const sentences = wishes(description)
  const data = sentences.filter((sentence) => DATA.test(sentence))
  const quality = sentences.filter((sentence) => !data.includes(sentence) && QUALITY.test(sentence))
  const features = sentences.filter((sentence) => !data.includes(sentence) && !quality.includes(sentence))
  const phases = numbered([
    clarify(sentences.length),
    phase('Build', 'The main functions work and can be shown.', 'Build', features),
    phase('Data and connections', 'Existing data and other systems are connected.', 'Prepare', data),
    phase('Quality', 'The demands on how it works are met.', 'Verify', quality),
    handOver(textOf(input.deadline)),
  ])
  const count = phases.reduce((sum, { tasks }) => sum + tasks.length, 0)
  const name = textOf(input.title) ?? 'the project'
  return {
    text: `I read ${sentences.length} statements about ${name} and made ${count} tasks in ${phases.length} phases of them.`,
    value: {
      summary: `${name}: ${count} tasks in ${phases.length} phases. (offline: cut by sentences, no language model was asked)`,
      phases,
      assumptions: [
        'Each sentence of the description is one piece of work.',
        'Estimates grow with the length of the sentence.',
      ],
    },
  }
}

/** Sentences and list items that say something: those of three words or more. */
function wishes(description: string): string[] {
  const parts = description.split(/(?<=[.!?;])\s+|\n+/).map((part) => part.replace(/^[\s\-*•\d.)]+/, '').trim())
  const meaningful = parts.filter((part) => part.split(/\s+/).length >= 3)
  return meaningful.length > 0 ? meaningful : [description.trim()]
}

function task(title: string, description: string, estimateMinutes: number): PlannedTask {
  return { id: '', title, description, estimateMinutes, dependsOn: [] }
}

function phase(name: string, goal: string, verb: string, sentences: string[]): Phase {
  const tasks = sentences.slice(0, TASKS_PER_PHASE).map((sentence) => {
    const minutes = Math.min(480, Math.max(60, Math.round(sentence.split(/\s+/).length / 2) * 30))
    return task(`${verb}: ${shorten(sentence)}`, `Done when this is true: ${sentence}`, minutes)
  })
  return { name, goal, tasks }
}

function clarify(statements: number): Phase {
  const confirm = task(
    'Confirm the requirements',
    `Done when all ${statements} statements are agreed with whoever asked.`,
    60,
  )
  const sketch = task(
    'Sketch the solution',
    'Done when its parts and the data they exchange are drawn and reviewed.',
    120,
  )
  return { name: 'Clarify', goal: 'Everybody means the same by the project.', tasks: [confirm, sketch] }
}

function handOver(deadline: string | undefined): Phase {
  const accept = task('Accept with the users', 'Done when the people who asked have tried it and agreed.', 120)
  const release = task('Release', `Done when it is in use${deadline ? `, by ${deadline} at the latest` : ''}.`, 60)
  return { name: 'Hand over', goal: 'It is in use.', tasks: [accept, release] }
}

/** Gives ids, and lets each phase wait for the last task of the one before. */
function numbered(phases: Phase[]): Phase[] {
  let count = 0
  let before: string[] = []
  return phases
    .filter(({ tasks }) => tasks.length > 0)
    .map((phase) => {
      const tasks = phase.tasks.map((item) => ({ ...item, id: `t${++count}`, dependsOn: before }))
      before = tasks.slice(-1).map(({ id }) => id)
      return { ...phase, tasks }
    })
}

function shorten(sentence: string): string {
  const words = sentence.replace(/[.!?;]+$/, '').split(/\s+/)
  const title = words.length > 12 ? `${words.slice(0, 12).join(' ')} …` : words.join(' ')
  return title.slice(0, 280)
}
