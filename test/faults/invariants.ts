import { afterMove, isOver, type JobStatus, type Move, moves } from '../../engine/job/job.ts'
import type { Outcome } from './run-program.ts'

type Job = Outcome['jobs'][number]

/** What must hold of every job, whatever went wrong on its way; each answers with what does not. */
const INVARIANTS: Record<string, (job: Job, outcome: Outcome) => string | undefined> = {
  'it is over'({ read }) {
    return isOver(read.status) ? undefined : `it is ${read.status}`
  },
  'its states follow from each other by moves that a job can make'({ changes }) {
    let before: string | undefined
    for (const { from, to, version } of changes) {
      if (from !== before) return `version ${version} comes from ${from}, and the one before was ${before}`
      const legal = from === undefined ? to === 'PENDING' : leads(from as JobStatus, to as JobStatus)
      if (!legal) return `version ${version} goes from ${from} to ${to}`
      before = to
    }
    return undefined
  },
  'it is complete once at most'({ changes }) {
    const times = changes.filter(({ from, to }) => to === 'COMPLETE' && from !== 'COMPLETE').length
    return times > 1 ? `it was completed ${times} times` : undefined
  },
  'each version is one more than the last'({ changes }) {
    const wrong = changes.findIndex(({ version }, index) => version !== index + 1)
    return wrong < 0 ? undefined : `change ${wrong + 1} has version ${changes[wrong]?.version}`
  },
  'what a subscriber saw last is the row'({ read, seen }) {
    // A change that shows nothing new is not pushed: then the row's version is ahead, and all the rest is the same.
    const [row, last] = [JSON.stringify(read), JSON.stringify(seen)]
    const isSame = seen && seen.version <= read.version && JSON.stringify({ ...seen, version: read.version }) === row
    return isSame ? undefined : `the row is ${row} and the last push was ${last}`
  },
  'nobody need look at it any more'({ row }) {
    const left = ['claimToken', 'leaseExpiresAt', 'dueShard', 'dueAt', 'openOwner'].filter(
      (name) => row[name] !== undefined,
    )
    return left.length > 0 ? `it still has ${left.join(', ')}` : undefined
  },
  'no two workers asked the model for it at the same time'(job) {
    // A worker whose job was cancelled, and run again by its owner, may take some seconds to see it.
    return job.mostRunning > roundsOf(job) ? `${job.mostRunning} calls ran at the same time` : undefined
  },
  'no call to the model was paid twice but for those a crash cut off'(job, { kills, jumps }) {
    const { calls, changes, failures, turns } = job
    const rounds = roundsOf(job)
    // What a worker's end of time, or its stop, cuts off is asked for again.
    const slices = changes.filter((change) => change.from === 'PROCESSING' && isHandOver(change)).length
    // A model that says nothing while its caller sleeps may be taken for one that stalls.
    const allowed = turns * rounds + failures + kills + slices + jumps
    const why = `${turns} turns × ${rounds} rounds + ${failures} failures + ${kills} kills + ${slices} slices + ${jumps} jumps`
    return calls > allowed ? `${calls} calls, and ${allowed} are allowed: ${why}` : undefined
  },
}

/** What does not hold, in words; empty when all is well. */
export function faultsOf(outcome: Outcome): string[] {
  return outcome.jobs.flatMap((job) =>
    Object.entries(INVARIANTS).flatMap(([name, check]) => {
      const fault = check(job, outcome)
      return fault ? `${job.id} (${job.queryType}): not so that ${name}: ${fault}` : []
    }),
  )
}

/** How often it was begun: once, and again with each retry by its owner. */
function roundsOf({ changes }: Job): number {
  return 1 + changes.filter(({ from, to }) => isOver(from as JobStatus) && to === 'PENDING').length
}

function leads(from: JobStatus, to: JobStatus): boolean {
  return (Object.keys(moves) as Move[]).some((move) => afterMove(from, move) === to)
}

function isHandOver({ error, to }: Job['changes'][number]): boolean {
  return to === 'PENDING' && error === undefined
}
