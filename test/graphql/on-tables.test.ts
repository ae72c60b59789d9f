import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { IAM } from '../../packages/local-cloud/test/appsync/appsync-world.ts'
import { type ApiOnTables, startApiOnTables, TASK } from './api-on-tables.ts'

// What the conditions and key expressions of the resolvers mean, DynamoDB decides here.

let api: ApiOnTables
beforeAll(async () => {
  api = await startApiOnTables()
})
afterAll(() => api?.[Symbol.asyncDispose]())

test('a job is created once; a repeated create answers with the job that stands', async () => {
  const first = await api.create('alice', 'once')
  expect(first).toEqual({
    data: {
      createAgentJob: expect.objectContaining({ owner: 'sub-alice', status: 'PENDING', version: 1, attempt: 0 }),
    },
    error: undefined,
  })
  await api.write('once', { status: { S: 'COMPLETE' }, version: { N: '3' } })
  const again = await api.create('alice', 'once', {
    requestData: JSON.stringify({ task: { id: 'u', title: 'Other' } }),
  })
  expect(again.data.createAgentJob).toMatchObject({ status: 'COMPLETE', version: 3 })
  const stolen = await api.create('bob', 'once')
  expect(stolen.error).toMatchObject({ errorType: 'Conflict' })
  expect((await api.row('once'))?.owner).toEqual({ S: 'sub-alice' })
})

test('a turn has its place in its session when its create is answered, and each only one', async () => {
  const turns = async () => {
    const { Item } = await api.dynamodb.call('GetItem', {
      TableName: 'sessions',
      Key: { sessionKey: { S: 'sub-alice#s' } },
    })
    return (Item as Record<string, { L?: { S: string }[] }> | undefined)?.turns?.L?.map(({ S }) => S)
  }
  for (const id of ['turn-1', 'turn-2'])
    expect((await api.create('alice', id, { sessionId: 's' })).error).toBeUndefined()
  await api.create('alice', 'no-turn')
  // Once more, after an answer that was lost; and as somebody's whose job it is not.
  expect((await api.create('alice', 'turn-1', { sessionId: 's' })).data.createAgentJob).toMatchObject({ id: 'turn-1' })
  expect((await api.create('bob', 'turn-1', { sessionId: 's' })).error?.errorType).toBe('Conflict')
  expect(await turns()).toEqual(['turn-1', 'turn-2'])
})

test('a turn whose place was taken by its dispatch, or could not be written, is accepted', async () => {
  const turns = { L: [{ S: 'turn-3' }] }
  await api.dynamodb.call('PutItem', { TableName: 'sessions', Item: { sessionKey: { S: 'sub-alice#t' }, turns } })
  expect((await api.create('alice', 'turn-3', { sessionId: 't' })).data.createAgentJob).toMatchObject({ id: 'turn-3' })
  await api.dynamodb.call('PutItem', {
    TableName: 'sessions',
    Item: { sessionKey: { S: 'sub-alice#u' }, turns: { S: '' } },
  })
  expect((await api.create('alice', 'turn-4', { sessionId: 'u' })).data.createAgentJob).toMatchObject({ id: 'turn-4' })
})

test('a refused create writes nothing', async () => {
  expect((await api.create('alice', 'refused', { requestData: '{}' })).error?.errorType).toBe('BadRequest')
  const withOwner = await api.create('alice', 'refused', { owner: 'sub-bob' })
  expect(withOwner.error?.message).toMatch(/owner/)
  expect(await api.row('refused')).toBeUndefined()
})

test('a list is in order, page by page, one owner only; admins list everybody', async () => {
  for (const id of ['l1', 'l2', 'l3']) await api.create('bob', id)
  const first = await api.list('bob', '(limit: 2)')
  expect(first.ids).toEqual(['l3', 'l2'])
  expect((await api.list('bob', `(limit: 2, nextToken: "${first.nextToken}")`)).ids).toEqual(['l1'])
  await api.write('l2', { status: { S: 'FAILED' } })
  expect((await api.list('bob', '(filter: { status: { eq: FAILED } })')).ids).toEqual(['l2'])
  expect((await api.list('alice', '(filter: { owner: { eq: "sub-bob" } })')).ids).toEqual([])
  expect((await api.list('admin', '(filter: { owner: { eq: "sub-bob" } })')).ids).toEqual(['l3', 'l2', 'l1'])
  expect((await api.list('admin')).ids).toEqual(expect.arrayContaining(['once', 'l1']))
})

test('a filter within a filter is refused by the schema', async () => {
  const { error } = await api.as('alice', '{ listAgentJobs(filter: { or: [{ and: [] }] }) { nextToken } }')
  expect(error?.message).toContain('and')
})

test('a row put by hand, without an owner, is shown to admins only', async () => {
  const Item = {
    id: { S: 'hand' },
    queryType: { S: 'analyzeTask' },
    status: { S: 'PENDING' },
    requestData: { S: TASK },
  }
  await api.dynamodb.call('PutItem', { TableName: 'jobs', Item })
  const get = '{ getAgentJob(id: "hand") { id version priority owner } }'
  expect((await api.as('alice', get)).data).toEqual({ getAgentJob: null })
  expect((await api.as('admin', get)).data.getAgentJob).toEqual({
    id: 'hand',
    version: 1,
    priority: 'NORMAL',
    owner: null,
  })
  expect((await api.as('alice', 'mutation { cancelAgentJob(id: "hand") { id } }')).error?.errorType).toBe('NotFound')
  const cancelled = await api.as('admin', 'mutation { cancelAgentJob(id: "hand") { status version } }')
  expect(cancelled.data.cancelAgentJob).toEqual({ status: 'CANCELLED', version: 2 })
})

test('cancel, then retry: the row loses its worker, then its end', async () => {
  const ofOldRun = ['checkpointSeq', 'elapsedMs', 'throttledSince', 'resultKey', 'resultPreview', 'deadline']
  await api.create('alice', 'turn')
  await api.write('turn', {
    status: { S: 'PROCESSING' },
    claimToken: { S: 'w1' },
    leaseExpiresAt: { N: '1' },
    attempt: { N: '2' },
    claims: { N: '2' },
    partialResult: { S: '"half"' },
    ...Object.fromEntries(ofOldRun.map((name) => [name, { S: 'old' }])),
  })
  const cancel = 'mutation { cancelAgentJob(id: "turn") { status version partialResult completedAt ttl } }'
  const retry = 'mutation { retryAgentJob(id: "turn") { status version attempt partialResult completedAt ttl } }'
  expect((await api.as('alice', retry)).error).toEqual({
    errorType: 'Conflict',
    message: 'job "turn" is "PROCESSING"; only a FAILED or CANCELLED job can be run again',
  })
  expect((await api.as('bob', cancel)).error?.errorType).toBe('NotFound')

  const cancelled = (await api.as('alice', cancel)).data.cancelAgentJob
  expect(cancelled).toMatchObject({ status: 'CANCELLED', version: 2, partialResult: '"half"' })
  expect(cancelled.ttl * 1000 - Date.parse(cancelled.completedAt)).toBeCloseTo(604_800_000, -3)
  expect(Object.keys((await api.row('turn')) as object)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/claimToken|leaseExpiresAt|dueShard|dueAt/)]),
  )
  expect((await api.as('alice', cancel)).error?.message).toContain('is "CANCELLED"')

  const retried = (await api.as('alice', retry)).data.retryAgentJob
  const ended = { partialResult: null, completedAt: null, ttl: null }
  expect(retried).toEqual({ status: 'PENDING', version: 3, attempt: 0, ...ended })
  const fresh = await api.row('turn')
  expect(fresh).toMatchObject({ claims: { N: '2' }, dueAt: { N: String(api.clock.now() + 300_000) } })
  for (const name of ofOldRun) expect(fresh, name).not.toHaveProperty(name)
})

test('a request signed with IAM reaches the three mutations of the backend, and nothing else', async () => {
  const fields = {
    Query:
      '{ getAgentJob(id: "once") { id } listAgentJobs { nextToken } listAgentJobEvents(jobId: "once") { nextToken } }',
    Mutation: `mutation {
      createAgentJob(input: { queryType: "analyzeTask", requestData: "{}" }) { id }
      cancelAgentJob(id: "once") { id } retryAgentJob(id: "once") { id }
    }`,
  }
  for (const [type, document] of Object.entries(fields)) {
    const { data, errors } = await api.world.post(document, {}, IAM)
    expect(Object.values(data)).toEqual([null, null, null])
    expect(errors?.map(({ errorType }) => errorType)).toEqual(Array(3).fill('Unauthorized'))
    expect(errors?.[0].message, type).toMatch(`on type ${type}`)
  }
})

test('the standard introspection query passes', async () => {
  const { data, error } = await api.as('alice', getIntrospectionQuery())
  expect(error).toBeUndefined()
  expect(data.__schema.queryType.name).toBe('Query')
})

test('publishing is for the backend alone', async () => {
  const PUBLISH = 'mutation ($input: PublishAgentJobInput!) { publishAgentJob(input: $input) { id version } }'
  const variables = { input: { id: 'p', queryType: 'analyzeTask', status: 'PENDING' } }
  expect((await api.as('alice', PUBLISH, variables)).error?.errorType).toBe('Unauthorized')
  expect((await api.as('backend', PUBLISH, variables)).data.publishAgentJob).toEqual({ id: 'p', version: 1 })
})
