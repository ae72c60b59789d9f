import { systemClock } from '../engine/clock.ts'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
import { log } from './log.ts'
import { createSweepOverdue } from './move-overdue.ts'
import { sweepSettings } from './settings.ts'

const { jobTable, resultTtlSeconds, defaultMaxAttempts } = sweepSettings(process.env)

/** Runs each minute: whatever is late goes on. */
export const handler = createSweepOverdue({
  jobs: { documents: createDocumentClient(), table: jobTable, resultTtlSeconds },
  defaultMaxAttempts,
  clock: systemClock,
  log,
})
