import { generateClient } from 'aws-amplify/api'
import { Hub } from 'aws-amplify/utils'

/** A job as a subscriber of `onUpdateAgentJob` sees it. */
export interface JobChange {
  id: string
  queryType: string
  status: 'PENDING' | 'PROCESSING' | 'COMPLETE' | 'FAILED' | 'CANCELLED'
  version: number
  progress: number | null
  progressMessage: string | null
  resultData: string | null
  error: { code: string; message: string; remediation: string } | null
  updatedAt: string | null
}

/** Something a running job says; `data` is JSON text. */
export interface JobEvent {
  jobId: string
  seq: number
  type: 'TEXT' | 'PROGRESS' | 'TOOL_CALL' | 'TOOL_RESULT' | 'LOG'
  data: string
}

const ON_UPDATE = /* GraphQL */ `subscription {
  onUpdateAgentJob {
    id queryType status version progress progressMessage resultData updatedAt error { code message remediation }
  }
}`
const ON_EVENT = /* GraphQL */ `subscription ($jobId: ID!) {
  onAgentJobEvent(jobId: $jobId) { jobId seq type data }
}`
const CREATE = /* GraphQL */ `mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }`

export interface JobListener {
  change(job: JobChange): void
  event(event: JobEvent): void
}

interface Subscribable<T> {
  subscribe(observer: { next(message: { data: T }): void; error(error: unknown): void }): { unsubscribe(): void }
}

/** Submits jobs and watches them over one WebSocket, by the Amplify client that `Amplify.configure` has set up. */
export function liveJobs(listener: JobListener) {
  const client = generateClient()
  const subscriptions: { unsubscribe(): void }[] = []
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => reject(describe(error))
  })
  failed.catch(() => {})

  function subscribe<T>(query: string, variables: object, next: (data: T) => void) {
    const source = client.graphql({ query, variables }) as unknown as Subscribable<T>
    subscriptions.push(source.subscribe({ next: ({ data }) => next(data), error: fail }))
  }

  return {
    /** Rejects when a subscription breaks. */
    failed,
    /** Subscribes to every change and to the events of these jobs; resolves when all of that is in place. */
    async watch(ids: string[]): Promise<void> {
      const ready = acknowledgements(ids.length + 1)
      subscribe<{ onUpdateAgentJob: JobChange }>(ON_UPDATE, {}, (data) => listener.change(data.onUpdateAgentJob))
      for (const jobId of ids)
        subscribe<{ onAgentJobEvent: JobEvent }>(ON_EVENT, { jobId }, (data) => listener.event(data.onAgentJobEvent))
      await Promise.race([ready, failed])
    },
    async submit(input: { id: string; queryType: string; requestData: unknown }): Promise<void> {
      const variables = { input: { ...input, requestData: JSON.stringify(input.requestData) } }
      await Promise.resolve(client.graphql({ query: CREATE, variables })).catch((error) => {
        throw describe(error)
      })
    },
    stop() {
      for (const subscription of subscriptions) subscription.unsubscribe()
    },
  }
}

/** Resolves after `count` subscriptions were acknowledged: what is pushed from then on arrives. */
function acknowledgements(count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count
    const stop = Hub.listen('api', ({ payload }) => {
      if (payload.event !== 'Subscription ack') return
      left -= 1
      if (left > 0) return
      stop()
      resolve()
    })
  })
}

/** Amplify rejects with `{ errors: [{ message }] }`, which is no Error. */
function describe(error: unknown): Error {
  if (error instanceof Error) return error
  const errors = (error as { errors?: { message: string }[] }).errors
  return new Error(errors?.map(({ message }) => message).join('; ') ?? JSON.stringify(error))
}
