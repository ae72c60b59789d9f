import { request } from 'node:http'
import { connect } from 'node:net'
import type { ModelAnswerer } from '@agent-jobs/local-cloud/bedrock'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type LocalCloud, startLocal } from '../local/index.ts'
import { sign } from '../packages/local-cloud/src/signature-v4.ts'

const EVIL = 'http://evil.example'
const HERE = 'http://localhost:5173'

let asked = 0
const model: ModelAnswerer = Object.assign(
  async function* () {
    asked++
    yield { messageStop: { stopReason: 'end_turn' } }
  },
  { spends: true },
)

let cloud: LocalCloud
beforeAll(async () => {
  cloud = await startLocal({ model, origins: ['https://app.example.com'] })
})
afterAll(() => cloud?.close())
beforeEach(() => {
  asked = 0
})

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}

/** A request as a browser would send it: the headers that a page cannot set are those of the page. */
function send({ method = 'POST', path = '/', headers = {}, body = '' }: Sent) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const sent = request(new URL(cloud.url), { method, path, headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
    })
    sent.on('error', reject).end(body)
  })
}

const fakeSignature = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
const dynamodb = { 'x-amz-target': 'DynamoDB_20120810.Scan', authorization: fakeSignature('dynamodb') }
const signIn = () => ({
  headers: { 'content-type': 'text/plain', 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
  body: JSON.stringify({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: cloud.outputs.UserPoolClientId,
    AuthParameters: { USERNAME: 'admin', PASSWORD: 'local' },
  }),
})
const graphql = (query: string, headers: Record<string, string> = {}) => ({
  path: '/graphql',
  headers: { 'content-type': 'text/plain', ...headers },
  body: JSON.stringify({ query }),
})
const JOBS = '{ listAgentJobs { items { id } } }'
const forged = 'mutation { publishAgentJob(input: { id: "1", queryType: "x", status: PENDING }) { id } }'
const converse = { path: '/model/x/converse', body: '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}' }
const invoke = () => ({ path: `/2015-03-31/functions/${cloud.lambda.functionNames()[0]}/invocations`, body: '{}' })

describe('what a page of another site tries', () => {
  const attacks: [string, () => Sent | Promise<Sent>][] = [
    ['signing in as admin', signIn],
    [
      'asking whether it may, before it signs in',
      () => ({
        method: 'OPTIONS',
        headers: {
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-amz-target',
        },
      }),
    ],
    ["reading every job, with admin's token", async () => graphql(JOBS, { authorization: await cloud.token('admin') })],
    ['reading every job, with a made-up signature', () => graphql(JOBS, { authorization: fakeSignature('appsync') })],
    ['pushing a forged job to subscribers', () => graphql(forged, { authorization: fakeSignature('appsync') })],
    [
      'reading rows',
      () => ({ headers: dynamodb, body: JSON.stringify({ TableName: cloud.outputs.AgentJobTableName }) }),
    ],
    ['calling the model, without a preflight', () => ({ ...converse, headers: { 'content-type': 'text/plain' } })],
    ['invoking a function, without a preflight', () => ({ ...invoke(), headers: { 'content-type': 'text/plain' } })],
    ['making a schedule', () => ({ path: '/schedules/x', headers: { 'content-type': 'text/plain' }, body: '{}' })],
    [
      'posting a form to SNS',
      () => ({
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=CreateTopic&Name=x&Version=2010-03-31',
      }),
    ],
    ['ending the process', () => ({ method: 'GET', path: '//' })],
  ]

  test.each(attacks)('%s is refused', async (_what, attack) => {
    const { headers, ...rest } = await attack()
    const { status, headers: answered } = await send({ ...rest, headers: { ...headers, origin: EVIL } })
    expect({ status, open: answered['access-control-allow-origin'] }).toEqual({ status: 403, open: undefined })
    expect(asked).toBe(0)
  })

  test.each(attacks)('%s is refused, with its name changed to this machine (DNS rebinding)', async (_what, attack) => {
    const { headers, ...rest } = await attack()
    const { status, text } = await send({ ...rest, headers: { ...headers, host: 'rebind.example:4000' } })
    expect({ status, text }).toEqual({ status: 403, text: expect.stringContaining('got the Host rebind.example:4000') })
  })

  test.each(attacks)('%s is refused, from an image, a form or a link, which have no Origin', async (_what, attack) => {
    const { headers, ...rest } = await attack()
    const sent = await send({
      ...rest,
      headers: { ...headers, 'sec-fetch-site': 'cross-site', referer: `${EVIL}/page` },
    })
    expect(sent.status).toBe(403)
  })

  test.each([
    EVIL,
    'null',
    'http://localhost.evil.example',
    'http://evil.example#localhost',
    'http://127.0.0.1.evil.example:4000',
    'http://localhost:1@evil.example',
  ])('a WebSocket from %s is refused', async (origin) => {
    const socket = new WebSocket(cloud.outputs.RealtimeUrl as string, ['graphql-ws'], { headers: { origin } })
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('open', () => resolve('open'))
      socket.on('error', () => {})
    })
    socket.terminate()
    expect(status).toBe(403)
  })
})

describe('a page of this machine', () => {
  test.each([HERE, 'http://127.0.0.1:3000', 'https://app.localhost', 'http://[::1]:3000', 'https://app.example.com'])(
    'at %s signs in and asks AppSync, and is told its own name',
    async (origin) => {
      const from = { origin, 'sec-fetch-site': 'cross-site' }
      const { headers, body } = signIn()
      const signed = await send({ headers: { ...headers, ...from }, body })
      expect(signed).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin, vary: 'Origin' } })
      const { AccessToken } = JSON.parse(signed.text).AuthenticationResult
      const jobs = await send(graphql(JOBS, { ...from, authorization: AccessToken }))
      expect(jobs).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin } })
      expect(JSON.parse(jobs.text).data.listAgentJobs.items).toEqual([])
    },
  )

  test('may not call what is no service for pages: the preflight for signing in opens Cognito alone', async () => {
    const preflight = await send({
      method: 'OPTIONS',
      headers: { origin: HERE, 'access-control-request-headers': 'content-type,x-amz-target' },
    })
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': HERE } })
    expect(preflight.headers['access-control-allow-headers']).not.toContain('authorization')
    const scan = await send({ headers: { ...dynamodb, origin: HERE }, body: '{}' })
    expect(scan.status).toBe(403)
    expect(scan.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('a program of this machine', () => {
  test('calls DynamoDB with any credentials, but not without', async () => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const client = new DynamoDBClient({ endpoint: cloud.url, region: 'us-east-1', credentials })
    const { Items } = await client.send(new ScanCommand({ TableName: cloud.outputs.AgentJobTableName }))
    expect(Items).toEqual([])
    const unsigned = await send({ headers: { 'x-amz-target': dynamodb['x-amz-target'] }, body: '{}' })
    expect(JSON.parse(unsigned.text).__type).toContain('MissingAuthenticationToken')
  })

  test('is the backend to AppSync with the credentials of the stack, and with no others', async () => {
    const body = JSON.stringify({ query: forged })
    const scope = { region: 'us-east-1', service: 'appsync', now: Date.now() }
    const as = (credentials: typeof cloud.credentials, signed = body) => {
      const request = { method: 'POST', target: '/graphql', headers: {}, body: signed }
      return send({ path: '/graphql', headers: sign(credentials, request, scope), body })
    }
    expect(await as({ accessKeyId: 'local', secretAccessKey: 'local' })).toMatchObject({
      status: 403,
      text: expect.stringContaining('UnrecognizedClientException'),
    })
    const { accessKeyId } = cloud.credentials
    const wrong = [await as({ accessKeyId, secretAccessKey: 'guessed' }), await as(cloud.credentials, `${body} `)]
    for (const answer of wrong) expect(answer.text).toContain('InvalidSignatureException')
    expect(JSON.parse((await as(cloud.credentials)).text)).toMatchObject({ data: { publishAgentJob: { id: '1' } } })
  })

  test("asks a model that costs money with the stack's credentials only", async () => {
    const scope = { region: 'us-east-1', service: 'bedrock', now: Date.now() }
    const as = (credentials: typeof cloud.credentials) => {
      const request = { method: 'POST', target: converse.path, headers: {}, body: converse.body }
      return send({ ...converse, headers: sign(credentials, request, scope) })
    }
    const refused = await as({ accessKeyId: 'local', secretAccessKey: 'local' })
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('--model offline') })
    expect(asked).toBe(0)
    expect((await as(cloud.credentials)).status).toBe(200)
    expect(asked).toBe(1)
  })

  test('is told that this is not AWS, where it asks for what is not here', async () => {
    const form = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization: fakeSignature('x'),
    }
    const deploy = await send({ headers: form, body: 'Action=DescribeStacks&Version=2010-05-15' })
    expect(deploy.text).toMatch(/the local cloud.*CloudFormation \(DescribeStacks\): unset AWS_ENDPOINT_URL/)
    const { text } = await send({ headers: form, body: 'Action=GetCallerIdentity&Version=2011-06-15' })
    expect(text).toContain(`<Account>${cloud.identity.accountId}</Account>`)
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameter', authorization: fakeSignature('ssm') }
    expect((await send({ headers, body: '{}' })).text).toMatch(/AmazonSSM\.GetParameter: unset AWS_ENDPOINT_URL/)
  })
})

test('raw bytes that would end the process are answered', async () => {
  const { port } = cloud
  const upgrade = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-ws\r\n\r\n'
  for (const path of ['//', '//:x?header=e30', 'http://[', '/graphql/realtime/%', '/%ff']) {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(upgrade(path)))
      socket.once('data', (data) => resolve(data.toString()))
      socket.once('close', () => resolve('closed'))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  }
})
