import { createRequire } from 'node:module'
import { AUTH_TYPE, AWSAppSyncClient } from 'aws-appsync'
import { expect, test } from 'vitest'
import example from '../../../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../../../local/offline-model.ts'
import { startLocal } from '../../../local/start-local.ts'

// By the GraphQL of this workspace, whose ES modules no Node can load: a document of the newer one is of another type.
const { parse } = createRequire(import.meta.url)('graphql') as typeof import('graphql')
const ON_UPDATE = parse('subscription OnUpdate { onUpdateAgentJob { id status version resultData } }')
const CREATE = parse('mutation Create($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id status } }')

interface Job {
  id: string
  status: string
  version: number
  resultData: string | null
}

test('the older aws-appsync client sees a job from PENDING to COMPLETE', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const jwt = await cloud.token('alice')
  const client = new AWSAppSyncClient({
    url: cloud.outputs.GraphQLUrl as string,
    region: cloud.identity.region,
    auth: { type: AUTH_TYPE.AMAZON_COGNITO_USER_POOLS, jwtToken: () => jwt },
    disableOffline: true,
  })
  const seen = new Map<string, Job[]>()
  let settle: { resolve(job: Job): void; reject(error: unknown): void }
  const complete = new Promise<Job>((resolve, reject) => {
    settle = { resolve, reject }
  })
  client.subscribe<{ data: { onUpdateAgentJob: Job } }>({ query: ON_UPDATE }).subscribe({
    next({ data: { onUpdateAgentJob: job } }) {
      seen.set(job.id, [...(seen.get(job.id) ?? []), job])
      if (job.status === 'COMPLETE' && seen.get(job.id)?.[0]?.status === 'PENDING') settle.resolve(job)
    },
    error: (error: unknown) => settle.reject(error),
  })
  // This client does not say when its subscription stands, so jobs are submitted until one is seen from the start.
  let ended = false
  const last = complete.finally(() => {
    ended = true
  })
  for (let n = 1; !ended; n += 1) {
    const input = { id: `legacy-${n}`, queryType: 'recommendTask', requestData: JSON.stringify(example) }
    await client.mutate({ mutation: CREATE, variables: { input } })
    await new Promise((resolve) => setImmediate(resolve))
    if (n > 500) throw new Error('no job was pushed')
  }
  const job = await last
  expect(JSON.parse(job.resultData as string)).toHaveProperty('taskId')
  expect(seen.get(job.id)?.map(({ status }) => status)).toEqual(['PENDING', 'PROCESSING', 'COMPLETE'])
})
