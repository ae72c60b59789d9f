import type { Clock } from '../sdk/clock.ts'
import { findOverdue, handOverForDead } from './store/overdue.ts'
import type { JobTable } from './store/write.ts'

/**
 * Puts the jobs back in line whose workers died with their host, before `since` (epoch ms): for a host that starts again and
 * knows that it is alone. Elsewhere nobody can tell a dead worker from a slow one, and the sweep waits for the lease.
 */
export async function handOverDead(jobs: JobTable, since: number, clock: Clock): Promise<number> {
  let handedOver = 0
  for await (const ids of findOverdue(jobs, Number.MAX_SAFE_INTEGER)) {
    const done = await Promise.all(ids.map((id) => handOverForDead(jobs, id, since, clock.now())))
    handedOver += done.filter(Boolean).length
  }
  return handedOver
}
