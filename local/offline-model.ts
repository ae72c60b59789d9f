import { type ModelAnswerer, type OfflineOptions, offline } from '@agent-jobs/local-cloud/bedrock'
import { analyzeTask } from './offline-rules/analyze-task.ts'
import { breakdownProject } from './offline-rules/breakdown-project.ts'
import { planDay } from './offline-rules/plan-day.ts'
import { recommendTask } from './offline-rules/recommend-task.ts'

/** By the tool with which each agent hands its answer in. */
const rules = {
  submit_analyzeTask: analyzeTask,
  submit_breakdownProject: breakdownProject,
  submit_planDay: planDay,
  submit_recommendTask: recommendTask,
}

/** No language model at all: sensible answers for the agents that come along, the smallest valid one for any other. */
export function offlineModel(options: Pick<OfflineOptions, 'clock' | 'paceMs'> = {}): ModelAnswerer {
  return offline({ ...options, rules, isAnswer: (tool) => tool.startsWith('submit_') })
}
