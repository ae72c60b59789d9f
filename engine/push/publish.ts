import type { Clock } from '../../sdk/clock.ts'
import type { Job } from '../job/job.ts'
import { isJobStatus } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import type { Log } from '../log.ts'
import { untilTaken } from '../retry.ts'
import type { Mutate } from './mutations.ts'
import { publishAgentJob, publishDeletedAgentJob } from './mutations.ts'

/** One change of the table, as its stream tells of it. */
export interface RowChanged {
  id: string | undefined
  /** As it is now, or as it was before it went. */
  row: Record<string, unknown>
  isGone: boolean
  /** ISO 8601; stands in for the times that a row put by hand has not. */
  at: string
}

export interface Publisher {
  mutate: Mutate
  clock: Clock
  random: () => number
  log: Log
}

// AppSync stops a push at 240 KB, and the selection around the fields needs some of it.
const MAX_PUSH_BYTES = 200_000
const SHORT_BODY = 1_000
const CONCURRENT_JOBS = 25
// A few quick tries here spare the whole stream a restart.
const TRIES = 4

/**
 * Pushes each change to those who subscribe to it: one job's changes in order, different jobs at once. Answers with the
 * place of the first that failed; who calls again from there pushes some twice, and those are dropped by their version.
 */
export async function publishChanges(changes: RowChanged[], publisher: Publisher): Promise<number | undefined> {
  const places = new Map<string | undefined, number[]>()
  for (const [place, { id }] of changes.entries()) places.set(id, [...(places.get(id) ?? []), place])
  const jobs = [...places.values()]
  const failed: number[] = []

  async function publishJobs() {
    for (let next = jobs.shift(); next; next = jobs.shift()) {
      const stoppedAt = await publishInOrder(changes, next, publisher)
      if (stoppedAt !== undefined) failed.push(stoppedAt)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENT_JOBS, jobs.length) }, publishJobs))
  return failed.length > 0 ? Math.min(...failed) : undefined
}

/** Pushes one job's changes; answers with the place of the first that failed. */
async function publishInOrder(changes: RowChanged[], places: number[], publisher: Publisher) {
  for (const place of places) {
    const change = changes[place] as RowChanged
    try {
      await publish(change, publisher)
    } catch (error) {
      publisher.log.error('A change could not be pushed', { jobId: change.id, error })
      return place
    }
  }
  return undefined
}

async function publish({ row, isGone, at }: RowChanged, { mutate, clock, random, log }: Publisher): Promise<void> {
  if (!isJobStatus(row.status)) {
    // No retry makes a job of it, and the jobs behind it must not wait.
    return log.error('A row is no job and is not pushed: its status is not known', {
      jobId: row.id,
      status: row.status,
    })
  }
  const document = isGone ? publishDeletedAgentJob : publishAgentJob
  const job = readJob(row, at)
  const input = fitted(publishInput(job))
  await untilTaken(() => mutate(document, input), { clock, random, tries: TRIES })
  // An alarm counts these lines: the stream tells of every end, whoever wrote it.
  if (job.status === 'FAILED' && !isGone) {
    const { id, queryType, attempt, error } = job
    log.warn('A job failed', { jobId: id, queryType, attempt, code: error.code })
  }
}

/** The fields of the API's AgentJob; what only the engine needs stays here. */
function publishInput(job: Job) {
  const { claims, allAttempts, sessionKey, dueAt, elapsedMs, checkpointSeq, throttledSince, ...visible } = job
  if (visible.status === 'COMPLETE') {
    const { resultKey, ...complete } = visible
    return complete
  }
  if (visible.status !== 'PROCESSING') return visible
  const { claimToken, leaseExpiresAt, ...processing } = visible
  return processing
}

type PublishInput = ReturnType<typeof publishInput>

/** Leaves bodies out, the least missed first, until the rest fits into a push; `omitted` names what to fetch. */
function fitted(input: PublishInput): PublishInput & { omitted?: string[] } {
  const slim: PublishInput & { resultData?: string; resultPreview?: string; omitted?: string[] } = { ...input }
  // A result that is kept beside the row is fetched like one that was left out for its size.
  const omitted = slim.resultPreview === undefined ? [] : ['resultData']
  for (const body of ['requestData', 'resultData', 'partialResult'] as const) {
    if (Buffer.byteLength(JSON.stringify(slim)) <= MAX_PUSH_BYTES) break
    // A short body makes no room: better it stays.
    if ((slim[body]?.length ?? 0) < SHORT_BODY) continue
    slim[body] = undefined
    omitted.push(body)
  }
  if (omitted.length > 0) slim.omitted = omitted
  return slim
}
