import type { Context } from 'aws-lambda'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
import { sweepOverdue } from '../engine/sweep.ts'
import { systemClock } from '../sdk/clock.ts'
import { log } from './log.ts'
import { sweepSettings } from './settings.ts'

const { jobTable, resultTtlSeconds, defaultMaxAttempts } = sweepSettings(process.env)
const jobs = { documents: createDocumentClient(), table: jobTable, resultTtlSeconds }

/** Runs each minute: whatever is late goes on. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  const sweep = { jobs, defaultMaxAttempts, clock: systemClock, log }
  await sweepOverdue(sweep, () => context.getRemainingTimeInMillis())
}
