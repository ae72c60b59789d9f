import { agents } from '#agents'
import { systemClock } from '../engine/clock.ts'
import { createMutate, withRetries } from '../engine/push/mutations.ts'
import { createRunJob } from '../engine/run/run-job.ts'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
import { createStoreResult } from '../engine/store/results.ts'
import { createBedrockModel } from '../sdk/bedrock/bedrock-model.ts'
import { receiveJobs } from './job-message.ts'
import { log } from './log.ts'
import { runSettings } from './settings.ts'

/** Claims the job that a message names, runs its agent, and writes how it ended. */
const settings = runSettings(process.env)
const documents = createDocumentClient()
const runJob = createRunJob({
  jobs: { documents, table: settings.jobTable, resultTtlSeconds: settings.resultTtlSeconds },
  eventTable: { documents, table: settings.eventTable },
  agents,
  model: createBedrockModel({ modelId: settings.modelId, clock: systemClock }),
  mutate: createMutate(settings, process.env),
  // What was paid for is not thrown away for one fault of S3.
  storeResult: withRetries(createStoreResult({ bucket: settings.resultBucket, region: settings.region }, process.env), {
    clock: systemClock,
    tries: 5,
  }),
  settings,
  clock: systemClock,
  log,
  random: Math.random,
})

export const handler = receiveJobs(runJob, log)
