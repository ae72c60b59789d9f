import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Log } from '../engine/log.ts'
import type { JobMessage, RunJob } from '../engine/run/run-job.ts'

/** Runs the jobs that a batch names, one after the other. */
export function receiveJobs(runJob: RunJob, log: Log) {
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = []
    for (const { messageId, body } of Records) {
      try {
        await runJob(readMessage(body), () => context.getRemainingTimeInMillis())
      } catch (error) {
        log.error('A message could not be handled; the queue delivers it again', { messageId, error: error as Error })
        batchItemFailures.push({ itemIdentifier: messageId })
      }
    }
    return { batchItemFailures }
  }
}

function readMessage(body: string): JobMessage {
  let message: unknown
  try {
    message = JSON.parse(body)
  } catch {
    // Told apart below: what matters is what came.
  }
  const { id, queryType, sessionKey } = (message ?? {}) as Record<string, unknown>
  if (typeof id === 'string' && id) return { id, queryType: text(queryType), sessionKey: text(sessionKey) }
  throw new Error(`A message must be JSON such as {"id":"01J…"}, got ${body.slice(0, 200)}`)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
