import { expect, test } from 'vitest'
import { afterMove, isOver, type JobStatus, jobStatuses, type Move, moves } from '../../engine/job/job.ts'

const LENGTH = 6

/** Where each verb leads, written down a second time, by state: what is not here is refused. */
const ALLOWED: Record<JobStatus, Partial<Record<Move, JobStatus>>> = {
  PENDING: {
    claim: 'PROCESSING',
    touchOverdue: 'PENDING',
    postponeTurn: 'PENDING',
    giveUpUnstarted: 'FAILED',
    setAside: 'FAILED',
    expire: 'FAILED',
    cancel: 'CANCELLED',
  },
  PROCESSING: {
    heartbeat: 'PROCESSING',
    complete: 'COMPLETE',
    fail: 'FAILED',
    retryLater: 'PENDING',
    handOver: 'PENDING',
    requeueLostWorker: 'PENDING',
    giveUpLostWorker: 'FAILED',
    handOverForDead: 'PENDING',
    cancel: 'CANCELLED',
  },
  COMPLETE: {},
  FAILED: { retry: 'PENDING' },
  CANCELLED: { retry: 'PENDING', addToCancelled: 'CANCELLED' },
}

const verbs = Object.keys(moves) as Move[]

test('each verb leads where the table says, and nowhere else', () => {
  for (const status of jobStatuses) {
    for (const verb of verbs) expect(afterMove(status, verb), `${verb} from ${status}`).toBe(ALLOWED[status][verb])
  }
})

/** What must hold of a job whatever came before; a string says what does not. */
interface Past {
  status: JobStatus
  completes: number
  ends: number
  retries: number
}

function faultOf({ status, completes, ends, retries }: Past): string | undefined {
  if (completes > 1) return 'it is complete twice'
  if (completes === 1 && status !== 'COMPLETE') return 'it left COMPLETE'
  if (ends > retries + 1) return 'it ended twice without a retry between'
  if (isOver(status) && ends !== retries + 1) return 'it is over and has not ended'
  return undefined
}

test(`no sequence of up to ${LENGTH} verbs ends a job twice, or brings a complete one back`, () => {
  let sequences = 0
  const path: Move[] = []

  function follow(past: Past): void {
    if (path.length === LENGTH) return
    for (const verb of verbs) {
      const to = afterMove(past.status, verb) ?? past.status
      const next = {
        status: to,
        completes: past.completes + (verb === 'complete' && past.status === 'PROCESSING' ? 1 : 0),
        ends: past.ends + (isOver(to) && !isOver(past.status) ? 1 : 0),
        retries: past.retries + (isOver(past.status) && !isOver(to) ? 1 : 0),
      }
      path.push(verb)
      sequences++
      const fault = faultOf(next)
      if (fault) throw new Error(`${path.join(', ')}: ${fault}`)
      follow(next)
      path.pop()
    }
  }
  follow({ status: 'PENDING', completes: 0, ends: 0, retries: 0 })
  expect(sequences).toBe(Array.from({ length: LENGTH }, (_, n) => verbs.length ** (n + 1)).reduce((a, b) => a + b))
})
