import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnTables, startApiOnTables } from './api-on-tables.ts'

// What the conditions and key expressions of the resolvers mean, DynamoDB decides here.

let api: ApiOnTables
beforeAll(async () => {
  api = await startApiOnTables()
})
afterAll(() => api?.[Symbol.asyncDispose]())

test('events: appended by the backend once, listed to the owner after a seq, checkpoints never', async () => {
  await api.create('alice', 'talks')
  const uid = (await api.row('talks'))?.uid?.S
  const APPEND = 'mutation ($input: AppendAgentJobEventInput!) { appendAgentJobEvent(input: $input) { seq data } }'
  const event = (seq: number, text: string) => ({
    input: {
      jobId: 'talks',
      uid,
      seq,
      owner: 'sub-alice',
      attempt: 1,
      type: 'TEXT',
      data: text,
      createdAt: '2026-03-01T12:00:00Z',
    },
  })
  for (const seq of [1_000_002, 1_000_001, 1_000_003]) {
    expect((await api.as('backend', APPEND, event(seq, `${seq}`))).error).toBeUndefined()
  }
  expect((await api.as('backend', APPEND, event(1_000_001, '1000001'))).data.appendAgentJobEvent.data).toBe('1000001')
  expect((await api.as('backend', APPEND, event(1_000_001, 'other'))).error?.errorType).toBe('Conflict')
  expect((await api.as('alice', APPEND, event(1_000_009, 'x'))).error?.errorType).toBe('Unauthorized')
  const Item = { jobKey: { S: `talks#${uid}` }, seq: { N: '1000004' }, type: { S: 'CHECKPOINT' }, data: { S: '[]' } }
  await api.dynamodb.call('PutItem', { TableName: 'events', Item })

  const events = async (user: string, args: string) => {
    const answer = await api.as(user, `{ listAgentJobEvents(jobId: "talks"${args}) { items { seq type } nextToken } }`)
    return answer.error?.errorType ?? answer.data.listAgentJobEvents.items.map(({ seq }: { seq: number }) => seq)
  }
  expect(await events('alice', '')).toEqual([1_000_001, 1_000_002, 1_000_003])
  expect(await events('alice', ', after: 1000001, limit: 1')).toEqual([1_000_002])
  expect(await events('bob', '')).toBe('NotFound')
  expect(await events('admin', '')).toHaveLength(3)
})

test('a job that takes the id of one that is gone sees nothing of it, and its own events are taken', async () => {
  const APPEND = 'mutation ($input: AppendAgentJobEventInput!) { appendAgentJobEvent(input: $input) { uid data } }'
  const append = async (owner: string, data: string) => {
    const event = {
      jobId: 'again',
      uid: (await api.row('again'))?.uid?.S,
      seq: 1_000_001,
      owner,
      attempt: 1,
      type: 'TEXT',
    }
    return api.as('backend', APPEND, { input: { ...event, data, createdAt: '2026-03-01T12:00:00Z' } })
  }
  const said = async (user: string) => {
    const { data } = await api.as(user, '{ listAgentJobEvents(jobId: "again") { items { data } nextToken } }')
    return data.listAgentJobEvents.items.map((event: { data: string }) => event.data)
  }
  await api.create('alice', 'again')
  await append('sub-alice', 'secret')
  expect(await said('alice')).toEqual(['secret'])
  for (const next of ['bob', 'bob', 'alice']) {
    await api.remove('again')
    await api.create(next, 'again')
    expect(await said(next)).toEqual([])
    expect((await append(`sub-${next}`, `of ${next}`)).error).toBeUndefined()
    expect(await said(next)).toEqual([`of ${next}`])
  }
})

test('a row put by hand has said nothing until it was taken', async () => {
  await api.dynamodb.call('PutItem', { TableName: 'jobs', Item: { id: { S: 'typed' }, status: { S: 'PENDING' } } })
  const { data } = await api.as('admin', '{ listAgentJobEvents(jobId: "typed") { items { seq } } }')
  expect(data.listAgentJobEvents.items).toEqual([])
})
