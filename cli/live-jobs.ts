import type { AgentJob, AgentJobEvent } from '@agent-jobs/client'
import { submitJob, subscribe } from '@agent-jobs/client'

const ON_EVENT = 'subscription ($jobId: ID!) { onAgentJobEvent(jobId: $jobId) { jobId seq type data } }'

/** What `onAgentJobEvent` pushes, as far as it is asked for here; `data` is JSON text. */
export type JobEvent = Pick<AgentJobEvent, 'jobId' | 'seq' | 'type' | 'data'>

export interface JobListener {
  change(job: AgentJob, before: AgentJob | undefined): void
  event(event: JobEvent): void
}

/** Submits one job and tells of its changes and of what it says; resolves with the job as it ended. */
export async function runLive(
  job: { id: string; queryType: string; request: unknown },
  listener: JobListener,
): Promise<AgentJob> {
  const { id, queryType, request } = job
  const events = subscribe<{ onAgentJobEvent: JobEvent }>(
    ON_EVENT,
    { jobId: id },
    {
      next: (data) => listener.event(data.onAgentJobEvent),
      error: (error) => console.error(`The events of ${queryType} stopped: ${error.message}`),
    },
  )
  await events.ready
  let last: AgentJob | undefined
  for await (const change of submitJob(queryType, request, { id })) {
    listener.change(change, last)
    last = change
  }
  events.unsubscribe()
  if (!last) throw new Error(`The job ${id} ended without a change`)
  return last
}
