import { agents } from '#agents'
import { createMutate } from '../engine/push/mutations.ts'
import { catchAgentFaults } from '../engine/run/agent-faults.ts'
import { keepGlobals } from '../engine/run/keep-globals.ts'
import { createRunJob } from '../engine/run/run-job.ts'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
import { createStoreResult } from '../engine/store/results.ts'
import { createBedrockModel } from '../sdk/bedrock/bedrock-model.ts'
import { systemClock } from '../sdk/clock.ts'
import { receiveJobs } from './job-message.ts'
import { log } from './log.ts'
import { runSettings } from './settings.ts'
import { onSigterm } from './shutdown.ts'

/** Claims the job that a message names, runs its agent, and writes how it ended. */
const settings = runSettings(process.env)
catchAgentFaults(log)
keepGlobals()
const documents = createDocumentClient()
const shutdown = onSigterm(process)
const runJob = createRunJob({
  jobs: { documents, table: settings.jobTable, resultTtlSeconds: settings.resultTtlSeconds },
  sessionTable: { documents, table: settings.sessionTable },
  eventTable: { documents, table: settings.eventTable },
  agents,
  model: createBedrockModel({ modelId: settings.modelId, stallSeconds: settings.stallSeconds, clock: systemClock }),
  mutate: createMutate(settings),
  storeResult: createStoreResult(settings.results),
  settings,
  clock: systemClock,
  log,
  random: Math.random,
  closing: shutdown.signal,
})

export const handler = shutdown.letEnd(receiveJobs(runJob, log))
