import { generateClient } from 'aws-amplify/api'
import { isOver } from './is-over.ts'
import { jobFields } from './job-fields.ts'
import type { AgentJob, CreateAgentJobInput } from './schema.ts'
import { asError, subscribe } from './subscribe.ts'

const ON_UPDATE = `subscription ($filter: ModelSubscriptionAgentJobFilterInput) {
  onUpdateAgentJob(filter: $filter) { ${jobFields} }
}`
const CREATE = `mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { ${jobFields} } }`
const GET = `query ($id: ID!) { getAgentJob(id: $id) { ${jobFields} } }`

// AppSync may lose what is pushed in the instant after it acknowledged a subscription; one look a little later finds it.
const LOOK_AGAIN_MS = 2_000

/** What `submitJob` takes beside the agent and its input. */
export type SubmitOptions = Partial<Omit<CreateAgentJobInput, 'queryType' | 'requestData'>>

/**
 * Submits a job through the configured Amplify and gives each change of it, from PENDING to its end, without a gap: it
 * subscribes before it creates, drops what comes late or twice, and reads the row again after a broken connection.
 * Throws when the job is refused or the subscription breaks for good. A job that ends FAILED is a change like any other.
 */
export async function* submitJob(queryType: string, request: unknown, options: SubmitOptions = {}) {
  const id = options.id ?? crypto.randomUUID()
  const changes = changesOf()
  const read = () => send<{ getAgentJob: AgentJob | null }>(GET, { id }).then((data) => changes.add(data.getAgentJob))
  const subscription = subscribe<{ onUpdateAgentJob: AgentJob }>(
    ON_UPDATE,
    { filter: { id: { eq: id } } },
    {
      next: ({ onUpdateAgentJob: job }) => (job.omitted?.length ? void read().catch(changes.fail) : changes.add(job)),
      error: changes.fail,
      reconnect: () => void read().catch(changes.fail),
    },
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await subscription.ready
    const input = { ...options, id, queryType, requestData: JSON.stringify(request) }
    const { createAgentJob } = await send<{ createAgentJob: AgentJob }>(CREATE, { input })
    // A new job's first change is pushed like the others; of a job that stood already, nothing more may come.
    if (createAgentJob.version > 1) changes.add(createAgentJob)
    timer = setTimeout(() => void read().catch(changes.fail), LOOK_AGAIN_MS)
    yield* changes.untilOver()
  } finally {
    clearTimeout(timer)
    subscription.unsubscribe()
  }
}

async function send<T>(query: string, variables: Record<string, unknown>): Promise<T> {
  try {
    const answer: unknown = await generateClient().graphql<unknown>({ query, variables })
    return (answer as { data: T }).data
  } catch (error) {
    throw asError(error)
  }
}

/** The changes that wait to be taken, in the order of their versions. */
function changesOf() {
  const waiting: AgentJob[] = []
  let last = 0
  let failure: Error | undefined
  let wake = () => {}
  return {
    add(job: AgentJob | null) {
      if (!job || job.version <= last) return
      last = job.version
      waiting.push(job)
      wake()
    },
    fail(error: Error) {
      failure = error
      wake()
    },
    async *untilOver() {
      for (;;) {
        for (const job of waiting.splice(0)) {
          yield job
          if (isOver(job)) return
        }
        if (failure) throw failure
        if (waiting.length > 0) continue
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
