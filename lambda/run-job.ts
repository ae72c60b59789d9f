import { agents } from '#agents'
import { createBedrockModel } from '../agents/converse.ts'
import { systemClock } from './clock.ts'
import { createDocumentClient } from './dynamodb-client.ts'
import { receiveJobs } from './job-message.ts'
import { log } from './log.ts'
import { createMutate } from './publish.ts'
import { createRunJob } from './run-one-job.ts'
import { runSettings } from './settings.ts'

/** Claims the job that a message names, runs its agent, and writes how it ended. */
const settings = runSettings(process.env)
const runJob = createRunJob({
  jobs: { documents: createDocumentClient(), table: settings.jobTable, resultTtlSeconds: settings.resultTtlSeconds },
  agents,
  model: createBedrockModel({ modelId: settings.modelId }),
  mutate: createMutate(settings, process.env),
  settings,
  clock: systemClock,
  log,
  random: Math.random,
})

export const handler = receiveJobs(runJob, log)
