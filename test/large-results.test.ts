import type { AgentJob } from '@agent-jobs/client'
import { localCloud, submitJob } from '@agent-jobs/client'
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { Amplify } from 'aws-amplify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { amplifyOutputs } from '../cli/outputs/amplify-outputs.ts'
import { type LocalCloud, startLocal } from '../local/start-local.ts'
import { graphql, subscribe } from './graphql-client.ts'

const FIELDS = 'id owner status resultData resultPreview omitted version error { code remediation }'
const CREATE = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }'
const GET = `query ($id: ID!) { getAgentJob(id: $id) { ${FIELDS} } }`
const LIST = `{ listAgentJobs { items { ${FIELDS} } } }`
const ON_UPDATE = `subscription { onUpdateAgentJob { ${FIELDS} } }`

const LETTERS = 150_000
const WHOLE = JSON.stringify({ text: 'é'.repeat(LETTERS) })

let cloud: LocalCloud
let alice: string
let s3: S3Client

beforeAll(async () => {
  cloud = await startLocal({ agents: 'test/large-results-agents.ts' })
  alice = await cloud.token('alice')
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  s3 = new S3Client({ endpoint: cloud.url, region: 'us-east-1', credentials })
})
afterAll(async () => {
  s3?.destroy()
  await cloud?.close()
})

/** Runs a job of Alice's; gives what the last push said of it. */
async function run(id: string, letters: number): Promise<AgentJob> {
  await using updates = await subscribe<{ onUpdateAgentJob: AgentJob }>(cloud, alice, ON_UPDATE)
  const input = { id, queryType: 'report', requestData: JSON.stringify({ letters }) }
  const { errors } = await graphql(cloud, alice, CREATE, { input })
  expect(errors).toBeUndefined()
  const isEnd = ({ onUpdateAgentJob: job }: { onUpdateAgentJob: AgentJob }) =>
    job.id === id && (job.status === 'COMPLETE' || job.status === 'FAILED')
  return (await updates.until(isEnd)).find(isEnd)?.onUpdateAgentJob as AgentJob
}

async function get(id: string, token = alice): Promise<AgentJob | null> {
  const { data, errors } = await graphql<{ getAgentJob: AgentJob | null }>(cloud, token, GET, { id })
  expect(errors).toBeUndefined()
  return data?.getAgentJob ?? null
}

async function row(id: string): Promise<Record<string, { S?: string }>> {
  const { Item } = await cloud.dynamodb.call('GetItem', {
    TableName: cloud.outputs.AgentJobTableName,
    Key: { id: { S: id } },
  })
  return Item as Record<string, { S?: string }>
}

async function keys(Prefix: string): Promise<(string | undefined)[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: cloud.outputs.ResultBucketName, Prefix }))
  return Contents.map(({ Key }) => Key)
}

test('a result of 300 KB lies in S3, is shown by a preview, and comes whole from getAgentJob', async () => {
  const pushed = await run('large', LETTERS)
  expect(pushed).toMatchObject({ status: 'COMPLETE', resultData: null, omitted: ['resultData'] })
  expect(WHOLE.startsWith(pushed.resultPreview as string)).toBe(true)
  expect(pushed.resultPreview?.length).toBeGreaterThan(500)

  const { resultData, resultKey, resultPreview } = await row('large')
  expect(resultData).toBeUndefined()
  expect(resultPreview?.S).toBe(pushed.resultPreview)
  expect(resultKey?.S).toMatch(/^results\/large\//)
  expect(await keys('results/large/')).toEqual([resultKey?.S])

  const job = await get('large')
  expect(job?.resultData === WHOLE).toBe(true)
  expect(job).toMatchObject({ status: 'COMPLETE', omitted: null, resultPreview: pushed.resultPreview })
  const list = await graphql<{ listAgentJobs: { items: AgentJob[] } }>(cloud, alice, LIST)
  const listed = list.data?.listAgentJobs.items.find(({ id }) => id === 'large')
  expect(listed).toMatchObject({ resultData: null, omitted: ['resultData'], resultPreview: pushed.resultPreview })
})

test('nobody but its owner and admins gets it', async () => {
  await run('private', LETTERS)
  expect(await get('private', await cloud.token('bob'))).toBeNull()
  expect((await get('private', await cloud.token('admin')))?.resultData === WHOLE).toBe(true)
  const key = (await row('private')).resultKey?.S
  const { hostname, origin } = new URL(cloud.url)
  expect(hostname).toBe('127.0.0.1')
  expect((await fetch(`${origin}/${cloud.outputs.ResultBucketName}/${key}`)).status).toBe(403)
})

test('a small result stays in its row', async () => {
  const pushed = await run('small', 3)
  expect(pushed).toMatchObject({ resultData: '{"text":"ééé"}', resultPreview: null, omitted: null })
  expect(await keys('results/small/')).toEqual([])
  expect(await get('small')).toMatchObject({ resultData: '{"text":"ééé"}', omitted: null })
})

test('a result that S3 keeps no longer is omitted, and its preview stays', async () => {
  await run('gone', LETTERS)
  const Key = (await row('gone')).resultKey?.S
  await s3.send(new DeleteObjectCommand({ Bucket: cloud.outputs.ResultBucketName, Key }))
  const job = await get('gone')
  expect(job).toMatchObject({ status: 'COMPLETE', resultData: null, omitted: ['resultData'] })
  expect(job?.resultPreview).toContain('ééé')
})

test('a live job of the client ends with the whole result, which no push held', async () => {
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, alice))
  let last: AgentJob | undefined
  for await (const job of submitJob('report', { letters: LETTERS })) last = job
  expect(last?.status).toBe('COMPLETE')
  expect(last?.resultData === WHOLE).toBe(true)
})
