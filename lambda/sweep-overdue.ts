import type { Context } from 'aws-lambda'
import { endLostRun, type LostRun } from '../engine/end-lost-run.ts'
import { handOverDead } from '../engine/hand-over-dead.ts'
import { createDocumentClient } from '../engine/store/dynamodb-client.ts'
import { sweepOverdue } from '../engine/sweep.ts'
import { systemClock } from '../sdk/clock.ts'
import { log } from './log.ts'
import { sweepSettings } from './settings.ts'

const settings = sweepSettings(process.env)
const { jobTable, resultTtlSeconds, defaultMaxAttempts } = settings
const documents = createDocumentClient()
const jobs = { documents, table: jobTable, resultTtlSeconds }
const sessionTable = { documents, table: settings.sessionTable }

/** The schedule's says nothing. A host may know better than a lease: when all its workers died, or that one did. */
export interface SweepEvent {
  /** Epoch ms. */
  diedBefore?: number
  lostRun?: LostRun & { table: string }
}

/** Runs each minute: whatever is late goes on. */
export async function handler(event: SweepEvent | undefined, context: Context): Promise<void> {
  if (event?.lostRun) return move(event.lostRun)
  if (typeof event?.diedBefore === 'number') {
    const handedOver = await handOverDead(jobs, event.diedBefore, systemClock)
    if (handedOver > 0) log.info('Jobs of workers that died with their host go on', { jobs: handedOver })
  }
  const sweep = { jobs, sessionTable, defaultMaxAttempts, clock: systemClock, log }
  await sweepOverdue(sweep, () => context.getRemainingTimeInMillis())
}

async function move({ table, ...lost }: LostRun & { table: string }): Promise<void> {
  const moved = table === jobTable && (await endLostRun(jobs, lost, systemClock))
  if (moved) log.warn('The worker of a job has ended', { jobId: lost.jobId, reason: lost.reason, move: moved })
}
