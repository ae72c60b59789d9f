import { once } from 'node:events'
import { join } from 'node:path'
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type Cloud, startCloud } from '../../src/start-cloud.ts'

let cloud: Cloud
let token: string
const output = (name: string) => cloud.outputs[name] as string

beforeAll(async () => {
  cloud = await startCloud({
    app: `"${process.execPath}" --conditions=source "${join(import.meta.dirname, 'apis-app.ts')}"`,
    sources: [import.meta.dirname],
    users: [{ username: 'kim' }],
    skipUnknown: true,
  })
  token = await cloud.cognito.token(output('PoolId'), 'kim', { clientId: output('ClientId') })
})
afterAll(() => cloud?.close())

async function ask(url: string, headers: Record<string, string>, query = '{ hello }') {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  return { status: response.status, ...((await response.json()) as { data?: unknown }) }
}

test('each GraphQL API answers at its own URL, the first of the template at /graphql', async () => {
  expect(output('PeopleUrl')).toBe(`${cloud.url}/graphql`)
  expect(output('WorldUrl')).toMatch(/\/graphql\/[0-9a-f]{26}$/)
  expect(cloud.graphqlApis).toEqual([
    { name: 'people', url: output('PeopleUrl') },
    { name: 'world', url: output('WorldUrl') },
  ])
  const key = { 'x-api-key': output('WorldKey') }
  expect(await ask(output('WorldUrl'), key)).toEqual({ status: 200, data: { hello: 'World' } })
  expect(await ask(output('PeopleUrl'), key)).toMatchObject({ status: 401 })
  expect(await ask(output('WorldUrl'), { 'x-api-key': 'another' })).toMatchObject({ status: 401 })
})

test("an API takes its users' tokens, in the region that its stack names", async () => {
  expect(cloud.identity).toEqual({ accountId: '123456789012', region: 'eu-west-1' })
  expect(output('PoolId')).toMatch(/^eu-west-1_/)
  expect(await ask(output('PeopleUrl'), { authorization: token })).toEqual({ status: 200, data: { hello: 'People' } })
})

test('each has its WebSockets beside it', async () => {
  const header = Buffer.from(JSON.stringify({ 'x-api-key': output('WorldKey') })).toString('base64url')
  const socket = new WebSocket(`${output('WorldUrl').replace('http', 'ws')}/realtime`, [
    'graphql-ws',
    `header-${header}`,
  ])
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init' }))
  const [frame] = await once(socket, 'message')
  expect(JSON.parse(String(frame))).toMatchObject({ type: 'connection_ack' })
  socket.terminate()
})

test('what stands on something that was passed over is passed over with it, and told', async () => {
  expect(cloud.skipped).toEqual([
    expect.stringMatching(/^AWS::AppSync::DataSource \(\w+: type AMAZON_EVENTBRIDGE\)$/),
    expect.stringMatching(/^AWS::AppSync::FunctionConfiguration \(\w+: stands on what was passed over\)$/),
    expect.stringMatching(/^AWS::AppSync::Resolver \(\w+: stands on what was passed over\)$/),
  ])
  const key = { 'x-api-key': output('WorldKey') }
  expect(await ask(output('WorldUrl'), key, '{ lost }')).toEqual({ status: 200, data: { lost: null } })
})

test('a resource whose condition does not hold is not there, even where another waits for it', async () => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const client = new SQSClient({ endpoint: cloud.url, region: cloud.identity.region, credentials })
  const { QueueUrls } = await client.send(new ListQueuesCommand({}))
  expect(QueueUrls).toEqual([`${cloud.url}/${cloud.identity.accountId}/here`])
})
