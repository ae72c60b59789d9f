import type { AgentJob } from '@agent-jobs/client'
import { localCloud, submitJob } from '@agent-jobs/client'
import { Amplify } from 'aws-amplify'
import { generateClient } from 'aws-amplify/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { amplifyOutputs } from '../../cli/outputs/amplify-outputs.ts'
import example from '../../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../../local/offline-model.ts'
import { type LocalCloud, startLocal } from '../../local/start-local.ts'

let cloud: LocalCloud
beforeAll(async () => {
  cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, { username: 'alice' }))
})
afterAll(() => cloud?.close())

async function changes(...args: Parameters<typeof submitJob>): Promise<AgentJob[]> {
  const seen: AgentJob[] = []
  for await (const job of submitJob(...args)) seen.push(job)
  return seen
}

test('gives each change of the job in order, and ends with the job', async () => {
  const seen = await changes('recommendTask', example)
  expect(seen.map(({ status, version }) => [status, version])).toEqual([
    ['PENDING', 1],
    ['PROCESSING', 2],
    ['COMPLETE', 3],
  ])
  expect(JSON.parse(seen.at(-1)?.resultData as string)).toHaveProperty('taskId')
})

test('many at once get each their own', async () => {
  const jobs = await Promise.all(
    Array.from({ length: 20 }, (_, n) => changes('recommendTask', example, { id: `many-${n}` })),
  )
  jobs.forEach((seen, n) => {
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([`many-${n}`]))
    expect(seen.at(-1)?.status).toBe('COMPLETE')
  })
})

test('an id that was submitted before gives the job as it stands, and runs nothing', async () => {
  const [first] = (await changes('recommendTask', example, { id: 'twice' })).slice(-1)
  expect(await changes('recommendTask', example, { id: 'twice' })).toEqual([first])
})

test('a client of this API serves an app whose Amplify is configured for another', async () => {
  const outputs = amplifyOutputs(cloud.outputs)
  const local = localCloud(outputs, { username: 'bob' })
  const elsewhere = { ...outputs, data: { ...outputs.data, url: 'http://127.0.0.1:9/graphql' } }
  Amplify.configure(elsewhere, local)
  try {
    const client = generateClient({ endpoint: outputs.data.url, authMode: 'userPool' })
    const seen = await changes('recommendTask', example, { client })
    expect(seen.map(({ status }) => status)).toEqual(['PENDING', 'PROCESSING', 'COMPLETE'])
  } finally {
    Amplify.configure(outputs, localCloud(outputs, { username: 'alice' }))
  }
})

test('a user who cannot sign in is told so', async () => {
  const outputs = amplifyOutputs(cloud.outputs)
  const { Auth } = localCloud(outputs, { username: 'mallory' })
  await expect(Auth?.tokenProvider.getTokens()).rejects.toThrow(/mallory could not be signed in/)
})

test('a browser may ask whether it can sign in, and call nothing else that way', async () => {
  const preflight = (headers: string) =>
    fetch(cloud.url, { method: 'OPTIONS', headers: { 'access-control-request-headers': headers } })
  const answer = await preflight('content-type,x-amz-target')
  expect(answer.headers.get('access-control-allow-headers')).toContain('x-amz-target')
  expect((await preflight('content-type')).headers.get('access-control-allow-origin')).toBeNull()
})

test('a refused job throws what the API says, and the loop is over', async () => {
  await expect(changes('dream', {})).rejects.toThrow(/queryType must be one of/)
  await expect(changes('recommendTask', { tasks: [] })).rejects.toThrow(/requestData\.tasks/)
})

test('what was too large to be pushed is read', async () => {
  const description = 'x'.repeat(9_000)
  const input = {
    ...example,
    tasks: Array.from({ length: 25 }, (_, n) => ({ id: `t${n}`, title: 'Read', description })),
  }
  const seen = await changes('recommendTask', input)
  const last = seen.at(-1) as AgentJob
  expect(last.status).toBe('COMPLETE')
  expect(last.omitted ?? []).toEqual([])
  expect(last.requestData).toBe(JSON.stringify(input))
})
