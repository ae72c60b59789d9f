import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import example from '../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../local/offline-model.ts'
import { type LocalCloud, startLocal } from '../local/start-local.ts'
import { type GraphQLAnswer, graphql, subscribe } from './graphql-client.ts'

const CREATE = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }'
const at = (ms: number) => new Date(Date.now() + ms).toISOString()
const ago = at(-3_600_000)
const good = { queryType: 'recommendTask', requestData: JSON.stringify(example) }

let cloud: LocalCloud
let alice: string

beforeAll(async () => {
  cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  alice = await cloud.token('alice')
})
afterAll(() => cloud?.close())

const create = (input: object) => graphql(cloud, alice, CREATE, { input })

async function rows(): Promise<number> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: cloud.url, region: 'us-east-1', credentials })
  return (await client.send(new ScanCommand({ TableName: cloud.outputs.AgentJobTableName }))).Count as number
}

describe('a refused create says what came and what may come, and writes nothing', () => {
  const cases: [string, object, RegExp][] = [
    ['an unknown queryType', { ...good, queryType: 'dream' }, /queryType.*"?analyzeTask.*"?dream/],
    ['requestData that is not JSON', { ...good, requestData: '{tasks' }, /requestData must be JSON/],
    ['requestData over 256 KB', { ...good, requestData: JSON.stringify('x'.repeat(262_145)) }, /256 KB|262,?144/],
    ['input without what the agent needs', { ...good, requestData: '{}' }, /requestData\.tasks/],
    [
      'input of another type deep inside',
      { ...good, requestData: JSON.stringify({ ...example, tasks: [{ ...example.tasks[0], title: 17 }] }) },
      /requestData\.tasks\[0\]\.title.*17/,
    ],
    ['an empty list where one is needed', { ...good, requestData: JSON.stringify({ ...example, tasks: [] }) }, /tasks/],
    ['an id that is no id', { ...good, id: 'a b' }, /id must/],
    ['a time-out of nothing', { ...good, timeoutSeconds: 0 }, /timeoutSeconds must be/],
    ['a negative number of attempts', { ...good, maxAttempts: -1 }, /maxAttempts must be/],
    ['a start in the past', { ...good, runAt: ago }, /runAt must be a time from now/],
    ['a start in two years', { ...good, runAt: at(2 * 365 * 86_400_000) }, /to a year from now/],
    ['a deadline in the past', { ...good, deadline: ago }, /deadline must be after now/],
    ['a deadline before its start', { ...good, runAt: at(7_200_000), deadline: at(3_600_000) }, /must be after runAt/],
    ['a ttl in the past', { ...good, ttl: 1 }, /ttl must/],
  ]
  test.each(cases)('%s', async (_, input, message) => {
    const before = await rows()
    const answer = await create(input)
    expect(answer.status).toBe(200)
    expect(answer.data).toEqual({ createAgentJob: null })
    expect(answer.errors?.[0]).toMatchObject({ errorType: 'BadRequest', path: ['createAgentJob'] })
    expect(answer.errors?.[0]?.message).toMatch(message)
    expect(await rows()).toBe(before)
  })

  test.each([
    ['a status', { ...good, status: 'COMPLETE' }, /status/],
    ['an owner', { ...good, owner: 'bob' }, /owner/],
  ])('%s in the input is no field of it', async (_, input, message) => {
    const before = await rows()
    const answer = await create(input)
    expect(answer.data ?? null).toBeNull()
    expect(answer.errors?.[0]?.message).toMatch(message)
    expect(await rows()).toBe(before)
  })
})

describe('tokens', () => {
  const refused = (answer: GraphQLAnswer<unknown>) => {
    expect(answer.status).toBe(401)
    expect(answer.errors?.[0]).toMatchObject({ errorType: 'UnauthorizedException' })
  }
  const forged = (token: string) => {
    const [header, payload] = token.split('.') as [string, string]
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const admin = Buffer.from(JSON.stringify({ ...claims, 'cognito:groups': ['admins'] })).toString('base64url')
    return `${header}.${admin}.${token.split('.')[2]}`
  }

  test('an expired one is refused', async () => {
    refused(await graphql(cloud, await cloud.token('alice', -60), '{ listAgentJobs { items { id } } }'))
  })
  test('a forged one is refused', async () => {
    refused(await graphql(cloud, forged(alice), '{ listAgentJobs { items { id } } }'))
  })
  test('on the WebSocket both are refused inside the protocol, so that a client does not try for ever', async () => {
    const query = 'subscription { onUpdateAgentJob { id } }'
    for (const token of [await cloud.token('alice', -60), forged(alice)])
      await expect(subscribe(cloud, token, query)).rejects.toThrow(/connection_error.*UnauthorizedException.*401|401/)
  })
})

test('a bad job ends FAILED with a way out, and the one behind it runs', async () => {
  await using updates = await subscribe<{ onUpdateAgentJob: { id: string; status: string; error: object | null } }>(
    cloud,
    await cloud.token('admin'),
    'subscription { onUpdateAgentJob { id status error { code message remediation retryable } } }',
  )
  const put = (id: string, queryType: string, requestData: string) =>
    cloud.dynamodb.call('PutItem', {
      TableName: cloud.outputs.AgentJobTableName,
      Item: { id: { S: id }, status: { S: 'PENDING' }, queryType: { S: queryType }, requestData: { S: requestData } },
    })
  await put('no-agent', 'dream', '{}')
  await put('no-json', 'recommendTask', '{tasks')
  await put('no-tasks', 'recommendTask', '{}')
  await put('behind', 'recommendTask', JSON.stringify(example))
  const ends = await updates.until(({ onUpdateAgentJob: job }) => job.id === 'behind' && job.status === 'COMPLETE')
  const failed = (id: string) => ends.find(({ onUpdateAgentJob: job }) => job.id === id && job.status === 'FAILED')
  for (const [id, code] of [
    ['no-agent', 'UNKNOWN_AGENT'],
    ['no-json', 'INVALID_REQUEST_DATA'],
    ['no-tasks', 'INVALID_INPUT'],
  ] as const)
    expect(failed(id)?.onUpdateAgentJob.error).toEqual({
      code,
      message: expect.stringMatching(/\w/),
      remediation: expect.stringMatching(/\w/),
      retryable: false,
    })
})
