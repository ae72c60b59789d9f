import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { isoTime } from '../engine/clock.ts'
import type { Job } from '../engine/job/job.ts'
import { isJobStatus } from '../engine/job/job.ts'
import { readJob } from '../engine/job/read-job.ts'
import type { Mutate } from '../engine/push/mutations.ts'
import { publishAgentJob, publishDeletedAgentJob } from '../engine/push/mutations.ts'
import type { Log } from './log.ts'

// AppSync stops a push at 240 KB, and the selection around the fields needs some of it.
const MAX_PUSH_BYTES = 200_000
const SHORT_BODY = 1_000
const CONCURRENT_JOBS = 25

/** Pushes each change of the table to those who subscribe to it: one job's changes in order, different jobs at once. */
export function createPublishChanges({ mutate, log }: { mutate: Mutate; log: Log }) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const places = Map.groupBy(Records.keys(), (index) => Records[index]?.dynamodb?.Keys?.id?.S)
    const jobs = [...places.values()]
    const failed: number[] = []

    async function publishJobs() {
      for (let changes = jobs.shift(); changes; changes = jobs.shift()) {
        const stoppedAt = await publishInOrder(Records, changes, mutate, log)
        if (stoppedAt !== undefined) failed.push(stoppedAt)
      }
    }
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_JOBS, jobs.length) }, publishJobs))

    if (failed.length === 0) return { batchItemFailures: [] }
    // Lambda resumes the shard from this record. What was pushed is pushed again, and dropped by its version.
    const first = Records[Math.min(...failed)]
    return { batchItemFailures: [{ itemIdentifier: first?.dynamodb?.SequenceNumber ?? '' }] }
  }
}

/** Pushes one job's changes; answers with the place of the first that failed. */
async function publishInOrder(records: DynamoDBRecord[], places: number[], mutate: Mutate, log: Log) {
  for (const place of places) {
    const record = records[place] as DynamoDBRecord
    try {
      await publish(record, mutate, log)
    } catch (error) {
      log.error('A change could not be pushed', { jobId: record.dynamodb?.Keys?.id?.S, error: error as Error })
      return place
    }
  }
  return undefined
}

async function publish({ eventName, dynamodb }: DynamoDBRecord, mutate: Mutate, log: Log): Promise<void> {
  const image = eventName === 'REMOVE' ? dynamodb?.OldImage : dynamodb?.NewImage
  const row = unmarshall((image ?? {}) as Record<string, AttributeValue>, { wrapNumbers: Number })
  if (!isJobStatus(row.status)) {
    // No retry makes a job of it, and the jobs behind it must not wait.
    return log.error('A row is no job and is not pushed: its status is not known', {
      jobId: row.id,
      status: row.status,
    })
  }
  const changedAt = isoTime((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000)
  const document = eventName === 'REMOVE' ? publishDeletedAgentJob : publishAgentJob
  await mutate(document, fitted(publishInput(readJob(row, changedAt))))
}

/** The fields of the API's AgentJob; what only the engine needs stays here. */
function publishInput(job: Job) {
  const { claims, sessionKey, dueAt, elapsedMs, checkpointSeq, throttledSince, ...visible } = job
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
