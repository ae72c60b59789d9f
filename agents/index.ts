import { analyzeTask } from './analyze-task.ts'
import { breakdownProject } from './breakdown-project.ts'
import { planDay } from './plan-day.ts'
import { recommendTask } from './recommend-task.ts'

/** What jobs can run: the key is the job's `queryType`. Add an agent here, and the API, the worker and the client know it. */
export const agents = { breakdownProject, analyzeTask, planDay, recommendTask }
