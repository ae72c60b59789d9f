import { generateClient } from 'aws-amplify/api'
import { isOver } from './is-over.ts'
import { jobFields } from './job-fields.ts'
import type { AgentJob, CreateAgentJobInput } from './schema.ts'
import { asError, type GraphQLClient, subscribe } from './subscribe.ts'

const ON_UPDATE = `subscription ($filter: ModelSubscriptionAgentJobFilterInput) {
  onUpdateAgentJob(filter: $filter) { ${jobFields} }
}`
const CREATE = `mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { ${jobFields} } }`
const GET = `query ($id: ID!) { getAgentJob(id: $id) { ${jobFields} } }`

// AppSync may lose what is pushed in the instant after it acknowledged a subscription; one look a little later finds it.
const LOOK_AGAIN_MS = 2_000

/** What `submitJob` takes beside the agent and its input: what a create takes, and who sends it. */
export interface SubmitOptions extends Partial<Omit<CreateAgentJobInput, 'queryType' | 'requestData'>> {
  /**
   * An app that has an API of its own in amplify_outputs.json gives the client of this one:
   * `generateClient({ endpoint, authMode: 'userPool' })`.
   * @default generateClient()
   */
  client?: GraphQLClient
}

/**
 * Submits a job through Amplify and gives each change of it, from PENDING to its end, without a gap: it
 * subscribes before it creates, drops what comes late or twice, and reads the row again after a broken connection.
 * Throws when the job is refused or the subscription breaks for good. A job that ends FAILED is a change like any other.
 */
export async function* submitJob(queryType: string, request: unknown, options: SubmitOptions = {}) {
  const { client = generateClient() as GraphQLClient, ...settings } = options
  const id = settings.id ?? crypto.randomUUID()
  const changes = changesOf()
  const read = () =>
    send<{ getAgentJob: AgentJob | null }>(client, GET, { id }).then((data) => changes.add(data.getAgentJob))
  const subscription = subscribe<{ onUpdateAgentJob: AgentJob }>(
    ON_UPDATE,
    { filter: { id: { eq: id } } },
    {
      next: ({ onUpdateAgentJob: job }) => (job.omitted?.length ? void read().catch(changes.fail) : changes.add(job)),
      error: changes.fail,
      reconnect: () => void read().catch(changes.fail),
    },
    client,
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await subscription.ready
    const input = { ...settings, id, queryType, requestData: JSON.stringify(request) }
    const { createAgentJob } = await send<{ createAgentJob: AgentJob }>(client, CREATE, { input })
    // A new job's first change is pushed like the others; of a job that stood already, nothing more may come.
    if (createAgentJob.version > 1) changes.add(createAgentJob)
    timer = setTimeout(() => void read().catch(changes.fail), LOOK_AGAIN_MS)
    yield* changes.untilOver()
  } finally {
    clearTimeout(timer)
    subscription.unsubscribe()
  }
}

async function send<T>(client: GraphQLClient, query: string, variables: Record<string, unknown>): Promise<T> {
  try {
    const answer = await client.graphql({ query, variables })
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
