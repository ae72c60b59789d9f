import type { Context } from 'aws-lambda'
import { handOverDead } from '../engine/hand-over-dead.ts'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
import { sweepOverdue } from '../engine/sweep.ts'
import { systemClock } from '../sdk/clock.ts'
import { log } from './log.ts'
import { sweepSettings } from './settings.ts'

const { jobTable, resultTtlSeconds, defaultMaxAttempts } = sweepSettings(process.env)
const jobs = { documents: createDocumentClient(), table: jobTable, resultTtlSeconds }

/** The schedule's says nothing. Whoever starts all functions anew after they died together says when, in epoch ms. */
export type SweepEvent = { diedBefore?: number } | undefined

/** Runs each minute: whatever is late goes on. */
export async function handler(event: SweepEvent, context: Context): Promise<void> {
  if (typeof event?.diedBefore === 'number') {
    const handedOver = await handOverDead(jobs, event.diedBefore, systemClock)
    if (handedOver > 0) log.info('Jobs of workers that died with their host go on', { jobs: handedOver })
  }
  const sweep = { jobs, defaultMaxAttempts, clock: systemClock, log }
  await sweepOverdue(sweep, () => context.getRemainingTimeInMillis())
}
