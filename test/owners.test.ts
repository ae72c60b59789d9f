import { afterAll, beforeAll, expect, test } from 'vitest'
import example from '../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../local/offline-model.ts'
import { type LocalCloud, startLocal } from '../local/start-local.ts'
import { graphql, subscribe } from './graphql-client.ts'

const CREATE = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id owner status } }'
const UPDATES = 'subscription { onUpdateAgentJob { id status owner } }'

let cloud: LocalCloud
let alice: string
let bob: string

beforeAll(async () => {
  cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  alice = await cloud.token('alice')
  bob = await cloud.token('bob')
})
afterAll(() => cloud?.close())

/** Runs one job of Alice's to its end, while Bob listens too. */
async function aliceRuns(id: string) {
  await using hers = await subscribe<{ onUpdateAgentJob: { id: string; status: string } }>(cloud, alice, UPDATES)
  const input = { id, queryType: 'recommendTask', requestData: JSON.stringify(example) }
  const answer = await graphql(cloud, alice, CREATE, { input })
  expect(answer.errors).toBeUndefined()
  await hers.until(({ onUpdateAgentJob: job }) => job.id === id && job.status === 'COMPLETE')
}

test('Bob can neither get, cancel nor retry a job of Alice, nor list it', async () => {
  await aliceRuns('hers')
  const get = await graphql(cloud, bob, '{ getAgentJob(id: "hers") { id } }')
  expect(get.data).toEqual({ getAgentJob: null })
  for (const verb of ['cancelAgentJob', 'retryAgentJob']) {
    const answer = await graphql(cloud, bob, `mutation { ${verb}(id: "hers") { id } }`)
    expect(answer.data).toEqual({ [verb]: null })
    expect(answer.errors?.[0]?.errorType).toMatch(/NotFound|Unauthorized/)
  }
  const list = await graphql(cloud, bob, '{ listAgentJobs { items { id } } }')
  expect(list).toMatchObject({ data: { listAgentJobs: { items: [] } } })
  const events = await graphql(cloud, bob, '{ listAgentJobEvents(jobId: "hers") { items { seq } } }')
  expect(events.data?.listAgentJobEvents ?? null).toBeNull()
  const own = await graphql<{ listAgentJobs: { items: { id: string }[] } }>(
    cloud,
    alice,
    '{ listAgentJobs { items { id } } }',
  )
  expect(own.data?.listAgentJobs.items.map(({ id }) => id)).toContain('hers')
})

test('Bob receives neither the changes nor the events of a job of Alice, even when he knows its id', async () => {
  await using his = await subscribe<{ onUpdateAgentJob: { id: string; status: string } }>(cloud, bob, UPDATES)
  await using hisEvents = await subscribe<object>(
    cloud,
    bob,
    'subscription { onAgentJobEvent(jobId: "watched") { seq } }',
  )
  await using hersEvents = await subscribe<object>(
    cloud,
    alice,
    'subscription { onAgentJobEvent(jobId: "watched") { seq } }',
  )
  await aliceRuns('watched')
  expect(hersEvents.seen.length).toBeGreaterThan(0)
  // A job of his own comes after hers: once he has its end, whatever he would have been pushed of hers is there.
  const input = { id: 'his', queryType: 'recommendTask', requestData: JSON.stringify(example) }
  await graphql(cloud, bob, CREATE, { input })
  const seen = await his.until(({ onUpdateAgentJob: job }) => job.status === 'COMPLETE')
  expect(new Set(seen.map(({ onUpdateAgentJob: { id } }) => id))).toEqual(new Set(['his']))
  expect(hisEvents.seen).toEqual([])
})

test("Bob cannot subscribe in Alice's name", async () => {
  const { sub } = JSON.parse(Buffer.from(alice.split('.')[1] as string, 'base64url').toString())
  await expect(
    subscribe(cloud, bob, 'subscription ($owner: String) { onUpdateAgentJob(owner: $owner) { id } }', { owner: sub }),
  ).rejects.toThrow(/Unauthorized/)
})

test("Bob cannot create a job with the id of Alice's, and Alice's stays as it is", async () => {
  await aliceRuns('taken')
  const input = { id: 'taken', queryType: 'recommendTask', requestData: JSON.stringify(example) }
  const answer = await graphql(cloud, bob, CREATE, { input })
  expect(answer.data).toEqual({ createAgentJob: null })
  expect(answer.errors?.[0]).toMatchObject({ errorType: 'Conflict', message: expect.stringContaining('taken') })
  const again = await graphql(cloud, alice, CREATE, { input })
  expect(again.data).toMatchObject({ createAgentJob: { id: 'taken', status: 'COMPLETE' } })
})

test('what only the backend may do is refused to a user', async () => {
  const publish = await graphql(
    cloud,
    alice,
    'mutation ($input: PublishAgentJobInput!) { publishAgentJob(input: $input) { id } }',
    { input: { id: 'x', queryType: 'recommendTask', status: 'COMPLETE', version: 9 } },
  )
  expect(publish.errors?.[0]?.errorType).toBe('Unauthorized')
  const append = await graphql(
    cloud,
    alice,
    'mutation ($input: AppendAgentJobEventInput!) { appendAgentJobEvent(input: $input) { seq } }',
    {
      input: {
        jobId: 'x',
        uid: 'u',
        seq: 1,
        attempt: 1,
        type: 'TEXT',
        data: '{}',
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    },
  )
  expect(append.errors?.[0]?.errorType).toBe('Unauthorized')
})

test('admins see the jobs of all', async () => {
  await aliceRuns('for-admin')
  const answer = await graphql(cloud, await cloud.token('admin'), '{ getAgentJob(id: "for-admin") { id status } }')
  expect(answer.data).toEqual({ getAgentJob: { id: 'for-admin', status: 'COMPLETE' } })
})
