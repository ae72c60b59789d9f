import { readFileSync } from 'node:fs'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { createDynamoDb, type DynamoDb } from '@agent-jobs/local-cloud/dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import dataSources from '../../graphql/data-sources.json' with { type: 'json' }
import { IAM, IDENTITY, startApi, type World } from '../../packages/local-cloud/test/appsync/appsync-world.ts'
import { EVENT_TABLE_KEYS, JOB_TABLE_KEYS } from '../job-tables.ts'
import { codeOf, files } from './bundled-resolver.ts'

// The whole API on real tables: what the conditions and key expressions of the resolvers mean, DynamoDB decides here.

const clock = new ManualClock(Date.parse('2026-03-01T12:00:00.000Z'))
let dynamodb: DynamoDb
let world: World

const stepsOf = (field: string) => files.filter((file) => new RegExp(`^${field}\\.\\d`).test(file)).sort()

beforeAll(async () => {
  dynamodb = createDynamoDb({ clock, identity: IDENTITY })
  const BillingMode = 'PAY_PER_REQUEST'
  await dynamodb.createTable({ TableName: 'jobs', BillingMode, ...JOB_TABLE_KEYS })
  await dynamodb.createTable({ TableName: 'events', BillingMode, ...EVENT_TABLE_KEYS })
  const dataSourceOf = (file: string) => dataSources[file as keyof typeof dataSources] ?? ''
  const fields = files.map((file) => file.replace(/\.ts$/, '')).filter((name) => !/\.\d\./.test(name))
  world = await startApi(
    {
      schema: readFileSync('graphql/schema.graphql', 'utf8'),
      environmentVariables: { AGENT_JOB_TABLE: 'jobs', RESULT_TTL_SECONDS: '604800' },
      dynamodb,
      dataSources: [
        { name: 'AgentJob', type: 'AMAZON_DYNAMODB', tableName: 'jobs' },
        { name: 'AgentJobEvent', type: 'AMAZON_DYNAMODB', tableName: 'events' },
        { name: 'Results', type: 'HTTP', http: { url: 'http://127.0.0.1:1' } },
        { name: 'None', type: 'NONE' },
      ],
      functions: files
        .filter((file) => /\.\d\./.test(file))
        .map((file) => ({ functionId: file, name: file, dataSourceName: dataSourceOf(file), code: codeOf(file) })),
      resolvers: fields.map((name) => {
        const [typeName, fieldName] = name.split('.') as [string, string]
        const base = { typeName, fieldName, code: codeOf(`${name}.ts`) }
        const functionIds = stepsOf(name)
        return functionIds.length > 0
          ? { ...base, kind: 'PIPELINE' as const, functionIds }
          : { ...base, kind: 'UNIT' as const, dataSourceName: dataSourceOf(`${name}.ts`) }
      }),
    },
    clock,
  )
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await dynamodb?.close()
})

const TASK = JSON.stringify({ task: { id: 't', title: 'Ship' } })

async function as(user: string, query: string, variables: object = {}) {
  const authorization = user === 'backend' ? IAM : await world.token(user)
  const { data, errors } = await world.post(query, variables, { authorization })
  const error = errors?.[0]
  return { data, error: error && { errorType: error.errorType, message: error.message } }
}

const CREATE = `mutation ($input: CreateAgentJobInput!) {
  createAgentJob(input: $input) { id owner status version attempt createdAt runAt }
}`

async function create(user: string, id: string, more: object = {}) {
  await clock.advance(1)
  return as(user, CREATE, { input: { id, queryType: 'analyzeTask', requestData: TASK, ...more } })
}

async function list(user: string, args = '') {
  const { data } = await as(user, `{ listAgentJobs${args} { items { id status } nextToken } }`)
  const page = data.listAgentJobs
  return { ids: page.items.map(({ id }: { id: string }) => id), nextToken: page.nextToken }
}

/** Sets attributes of a row as a worker would. */
async function write(id: string, values: Record<string, { S: string } | { N: string }>) {
  const names = Object.keys(values)
  await dynamodb.call('UpdateItem', {
    TableName: 'jobs',
    Key: { id: { S: id } },
    UpdateExpression: `SET ${names.map((name, n) => `#${n} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#${n}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
  })
}

async function row(id: string): Promise<Record<string, unknown> | undefined> {
  const { Item } = await dynamodb.call('GetItem', { TableName: 'jobs', Key: { id: { S: id } } })
  return Item as Record<string, unknown> | undefined
}

test('a job is created once; a repeated create answers with the job that stands', async () => {
  const first = await create('alice', 'once')
  expect(first).toEqual({
    data: {
      createAgentJob: expect.objectContaining({ owner: 'sub-alice', status: 'PENDING', version: 1, attempt: 0 }),
    },
    error: undefined,
  })
  await write('once', { status: { S: 'COMPLETE' }, version: { N: '3' } })
  const again = await create('alice', 'once', { requestData: JSON.stringify({ task: { id: 'u', title: 'Other' } }) })
  expect(again.data.createAgentJob).toMatchObject({ status: 'COMPLETE', version: 3 })
  const stolen = await create('bob', 'once')
  expect(stolen.error).toMatchObject({ errorType: 'Conflict' })
  expect((await row('once'))?.owner).toEqual({ S: 'sub-alice' })
})

test('a refused create writes nothing', async () => {
  expect((await create('alice', 'refused', { requestData: '{}' })).error?.errorType).toBe('BadRequest')
  const withOwner = await create('alice', 'refused', { owner: 'sub-bob' })
  expect(withOwner.error?.message).toMatch(/owner/)
  expect(await row('refused')).toBeUndefined()
})

test('a list is in order, page by page, one owner only; admins list everybody', async () => {
  for (const id of ['l1', 'l2', 'l3']) await create('bob', id)
  const first = await list('bob', '(limit: 2)')
  expect(first.ids).toEqual(['l3', 'l2'])
  expect((await list('bob', `(limit: 2, nextToken: "${first.nextToken}")`)).ids).toEqual(['l1'])
  await write('l2', { status: { S: 'FAILED' } })
  expect((await list('bob', '(filter: { status: { eq: FAILED } })')).ids).toEqual(['l2'])
  expect((await list('alice', '(filter: { owner: { eq: "sub-bob" } })')).ids).toEqual([])
  expect((await list('admin', '(filter: { owner: { eq: "sub-bob" } })')).ids).toEqual(['l3', 'l2', 'l1'])
  expect((await list('admin')).ids).toEqual(expect.arrayContaining(['once', 'l1']))
  expect((await list('backend')).ids).toEqual(expect.arrayContaining(['once', 'l1']))
})

test('a filter within a filter is refused by the schema', async () => {
  const { error } = await as('alice', '{ listAgentJobs(filter: { or: [{ and: [] }] }) { nextToken } }')
  expect(error?.message).toContain('and')
})

test('a row put by hand, without an owner, is shown to admins only', async () => {
  const Item = {
    id: { S: 'hand' },
    queryType: { S: 'analyzeTask' },
    status: { S: 'PENDING' },
    requestData: { S: TASK },
  }
  await dynamodb.call('PutItem', { TableName: 'jobs', Item })
  const get = '{ getAgentJob(id: "hand") { id version priority owner } }'
  expect((await as('alice', get)).data).toEqual({ getAgentJob: null })
  expect((await as('admin', get)).data.getAgentJob).toEqual({ id: 'hand', version: 1, priority: 'NORMAL', owner: null })
  expect((await as('alice', 'mutation { cancelAgentJob(id: "hand") { id } }')).error?.errorType).toBe('NotFound')
  const cancelled = await as('admin', 'mutation { cancelAgentJob(id: "hand") { status version } }')
  expect(cancelled.data.cancelAgentJob).toEqual({ status: 'CANCELLED', version: 2 })
})

test('cancel, then retry: the row loses its worker, then its end', async () => {
  const ofOldRun = ['checkpointSeq', 'elapsedMs', 'throttledSince', 'resultKey', 'resultPreview', 'deadline']
  await create('alice', 'turn')
  await write('turn', {
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
  expect((await as('alice', retry)).error).toEqual({
    errorType: 'Conflict',
    message: 'job "turn" is "PROCESSING"; only a FAILED or CANCELLED job can be run again',
  })
  expect((await as('bob', cancel)).error?.errorType).toBe('NotFound')

  const cancelled = (await as('alice', cancel)).data.cancelAgentJob
  expect(cancelled).toMatchObject({ status: 'CANCELLED', version: 2, partialResult: '"half"' })
  expect(cancelled.ttl * 1000 - Date.parse(cancelled.completedAt)).toBeCloseTo(604_800_000, -3)
  expect(Object.keys((await row('turn')) as object)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/claimToken|leaseExpiresAt|dueShard|dueAt/)]),
  )
  expect((await as('alice', cancel)).error?.message).toContain('is "CANCELLED"')

  const retried = (await as('alice', retry)).data.retryAgentJob
  const ended = { partialResult: null, completedAt: null, ttl: null }
  expect(retried).toEqual({ status: 'PENDING', version: 3, attempt: 0, ...ended })
  const fresh = await row('turn')
  expect(fresh).toMatchObject({ claims: { N: '2' }, dueAt: { N: String(clock.now() + 300_000) } })
  for (const name of ofOldRun) expect(fresh, name).not.toHaveProperty(name)
})

test('events: appended by the backend once, listed to the owner after a seq, checkpoints never', async () => {
  await create('alice', 'talks')
  const APPEND = 'mutation ($input: AppendAgentJobEventInput!) { appendAgentJobEvent(input: $input) { seq data } }'
  const event = (seq: number, text: string) => ({
    input: {
      jobId: 'talks',
      seq,
      owner: 'sub-alice',
      attempt: 1,
      type: 'TEXT',
      data: text,
      createdAt: '2026-03-01T12:00:00Z',
    },
  })
  for (const seq of [1_000_002, 1_000_001, 1_000_003]) {
    expect((await as('backend', APPEND, event(seq, `${seq}`))).error).toBeUndefined()
  }
  expect((await as('backend', APPEND, event(1_000_001, '1000001'))).data.appendAgentJobEvent.data).toBe('1000001')
  expect((await as('backend', APPEND, event(1_000_001, 'other'))).error?.errorType).toBe('Conflict')
  expect((await as('alice', APPEND, event(1_000_009, 'x'))).error?.errorType).toBe('Unauthorized')
  const Item = { jobId: { S: 'talks' }, seq: { N: '1000004' }, type: { S: 'CHECKPOINT' }, data: { S: '[]' } }
  await dynamodb.call('PutItem', { TableName: 'events', Item })

  const events = async (user: string, args: string) => {
    const answer = await as(user, `{ listAgentJobEvents(jobId: "talks"${args}) { items { seq type } nextToken } }`)
    return answer.error?.errorType ?? answer.data.listAgentJobEvents.items.map(({ seq }: { seq: number }) => seq)
  }
  expect(await events('alice', '')).toEqual([1_000_001, 1_000_002, 1_000_003])
  expect(await events('alice', ', after: 1000001, limit: 1')).toEqual([1_000_002])
  expect(await events('bob', '')).toBe('NotFound')
  expect(await events('admin', '')).toHaveLength(3)
})

test('publishing is for the backend alone', async () => {
  const PUBLISH = 'mutation ($input: PublishAgentJobInput!) { publishAgentJob(input: $input) { id version } }'
  const variables = { input: { id: 'p', queryType: 'analyzeTask', status: 'PENDING' } }
  expect((await as('alice', PUBLISH, variables)).error?.errorType).toBe('Unauthorized')
  expect((await as('backend', PUBLISH, variables)).data.publishAgentJob).toEqual({ id: 'p', version: 1 })
})
