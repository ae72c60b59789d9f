import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../sdk/clock.ts'
import { PermanentFailure } from '../../sdk/failures.ts'
import type { Job } from '../job/job.ts'
import { isJobStatus } from '../job/job.ts'
import { readJob } from '../job/read-job.ts'
import type { Log } from '../log.ts'
import { untilTaken } from '../retry.ts'
import type { Mutate } from './mutations.ts'
import { isOfUpgrade, publishAgentJob, publishDeletedAgentJob, UPGRADE_MS } from './mutations.ts'

/** One change of the table, as its stream tells of it. */
export interface RowChanged {
  id: string | undefined
  /** As it is now, or as it was before it went. */
  row: Record<string, unknown>
  /** As it was before this change, of a row that was there before and is there still. */
  before?: Record<string, unknown>
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
 * places of those that must come again; who calls again pushes some twice, and those are dropped by their version.
 */
export async function publishChanges(changes: RowChanged[], publisher: Publisher): Promise<number[]> {
  const places = new Map<string | undefined, number[]>()
  for (const [place, { id }] of changes.entries()) {
    const ofJob = places.get(id) ?? []
    places.set(id, ofJob)
    ofJob.push(place)
  }
  const jobs = places.values()
  const failed: number[] = []

  async function publishJobs() {
    for (const next of jobs) failed.push(...(await publishInOrder(changes, next, publisher)))
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENT_JOBS, places.size) }, publishJobs))
  return failed
}

/** Pushes one job's changes; answers with the places of those that are left. */
async function publishInOrder(changes: RowChanged[], places: number[], publisher: Publisher): Promise<number[]> {
  for (const [index, place] of places.entries()) {
    const change = changes[place] as RowChanged
    try {
      await publish(change, publisher)
    } catch (error) {
      const about = { jobId: change.id, error: error as Error }
      if (!isRefused(error, change, publisher.clock.now())) {
        publisher.log.error('A change could not be pushed', about)
        return places.slice(index)
      }
      publisher.log.error('A change was refused and is not pushed; who reads the job sees it', about)
    }
  }
  return []
}

/** Whether no retry would have the change taken; its successors must not wait for it then. */
function isRefused(error: unknown, { at }: RowChanged, now: number): boolean {
  return error instanceof PermanentFailure && !(isOfUpgrade(error) && now < Date.parse(at) + UPGRADE_MS)
}

async function publish({ row, before, isGone, at }: RowChanged, publisher: Publisher): Promise<void> {
  const { mutate, clock, random, log } = publisher
  if (!isJobStatus(row.status)) {
    // No retry makes a job of it, and the jobs behind it must not wait.
    return log.error('A row is no job and is not pushed: its status is not known', {
      jobId: row.id,
      status: row.status,
    })
  }
  const job = readJob(row, at)
  const visible = publishInput(job)
  if (before && isOnlyOfEngine(row, before, visible, at)) return
  const document = isGone ? publishDeletedAgentJob : publishAgentJob
  const input = fitted(visible)
  await untilTaken(() => mutate(document, input), { clock, random, tries: TRIES })
  // An alarm counts these lines: the stream tells of every end, whoever wrote it.
  if (job.status === 'FAILED' && !isGone) {
    const { id, queryType, attempt, error } = job
    log.warn('A job failed', { jobId: id, queryType, attempt, code: error.code })
  }
}

/** What a heartbeat, a look of the sweep and the like write; a row that is only written once more was meant to be seen. */
const OF_ENGINE = ['claimToken', 'leaseExpiresAt', 'dueAt', 'dueShard', 'checkpointSeq', 'touches', 'throttledSince']

/** Whether the engine changed what is its own, and subscribers would see a new version and nothing else. */
function isOnlyOfEngine(
  row: Record<string, unknown>,
  before: Record<string, unknown>,
  visible: PublishInput,
  at: string,
): boolean {
  if (!isJobStatus(before.status) || OF_ENGINE.every((column) => row[column] === before[column])) return false
  const { version, updatedAt } = visible
  return isDeepStrictEqual({ ...publishInput(readJob(before, at)), version, updatedAt }, visible)
}

/** The fields of the API's AgentJob; what only the engine needs stays here. */
function publishInput(job: Job) {
  const { claims, allAttempts, sessionKey, dueAt, elapsedMs, checkpointSeq, throttledSince, touches, ...visible } = job
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
