import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localCloud, type Schema } from '@agent-jobs/client'
import { Amplify } from 'aws-amplify'
import { generateClient } from 'aws-amplify/data'
import { parseAmplifyConfig } from 'aws-amplify/utils'
import { Template } from 'aws-cdk-lib/assertions'
import { type GraphQLObjectType, parse, validate } from 'graphql'
import type { Observable } from 'rxjs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { amplifyOutputs } from '../../cli/outputs/amplify-outputs.ts'
import { jobOutputs } from '../../local/job-outputs.ts'
import { apiSchema } from '../graphql/api-schema.ts'
import { newStack } from '../stack/synthesized-stack.ts'

const STACK_OUTPUTS = {
  GraphQLUrl: 'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql',
  Region: 'eu-west-1',
  UserPoolId: 'eu-west-1_pool',
  UserPoolClientId: 'app',
}
const claims = { sub: '1', exp: 4_000_000_000 }
const JWT = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

interface Call {
  query: string
  variables: Record<string, unknown>
  authorization?: string
}

/** Answers as AppSync would for an API that knows no job; keeps what was asked. */
function createFakeApi() {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Call
    calls.push({ ...body, authorization: request.headers.authorization })
    const field = /\{\s*(\w+)/.exec(body.query.replace(/^[^{]*/, ''))?.[1] as string
    const data = { [field]: field.startsWith('list') ? { items: [], nextToken: null } : null }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }))
  })
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-ws' })
  sockets.on('connection', (socket) => {
    socket.on('message', (message) => {
      const frame = JSON.parse(message.toString())
      const send = (answer: object) => socket.send(JSON.stringify(answer))
      if (frame.type === 'connection_init') send({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } })
      if (frame.type !== 'start') return
      const call = JSON.parse(frame.payload.data) as Call
      calls.push({ ...call, authorization: frame.payload.extensions.authorization.Authorization })
      const field = /\{\s*(\w+)/.exec(call.query)?.[1] as string
      send({ type: 'start_ack', id: frame.id })
      send({ type: 'data', id: frame.id, payload: { data: { [field]: { id: 'job-1', jobId: 'job-1', version: 2 } } } })
    })
  })
  return { server, sockets, calls }
}

const api = createFakeApi()
let client: ReturnType<typeof generateClient<Schema>>

beforeAll(async () => {
  await once(api.server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}/graphql`
  const outputs = amplifyOutputs({ ...STACK_OUTPUTS, GraphQLUrl: url })
  Amplify.configure(outputs, localCloud(outputs, JWT))
  client = generateClient<Schema>()
})
beforeEach(() => {
  api.calls.length = 0
})
afterAll(() => {
  for (const socket of api.sockets.clients) socket.terminate()
  api.server.close()
})

/** The one call that was made, after checking its document against the schema. */
function validCall(): Call {
  expect(api.calls).toHaveLength(1)
  const call = api.calls[0] as Call
  expect(validate(apiSchema, parse(call.query)).map(({ message }) => message)).toEqual([])
  expect(call.authorization).toBe(JWT)
  return call
}

async function firstPush(source: Observable<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const subscription = source.subscribe({
      next(value: unknown) {
        subscription.unsubscribe()
        resolve(value)
      },
      error: reject,
    })
  })
}

test('models.AgentJob.create sends the input and asks for every field of a job', async () => {
  const input = { id: 'job-1', queryType: 'planDay', requestData: '{}', priority: 'HIGH' as const, ttl: 4_000_000_000 }
  const { errors } = await client.models.AgentJob.create(input)
  expect(errors).toBeUndefined()
  const call = validCall()
  expect(call.variables).toEqual({ input })
  expect(call.query).toContain('createAgentJob(input: $input)')
  for (const field of Object.keys((apiSchema.getType('AgentJob') as GraphQLObjectType).getFields())) {
    expect(call.query, field).toMatch(new RegExp(`\\b${field}\\b`))
  }
  expect(call.query).toMatch(/error \{[^}]*remediation[^}]*\}/)
})

test('models.AgentJob.get and .list', async () => {
  await client.models.AgentJob.get({ id: 'job-1' })
  expect(validCall().variables).toEqual({ id: 'job-1' })
  api.calls.length = 0
  const { data } = await client.models.AgentJob.list({ filter: { status: { eq: 'FAILED' } }, limit: 5 })
  expect(data).toEqual([])
  expect(validCall().variables).toEqual({ filter: { status: { eq: 'FAILED' } }, limit: 5 })
})

test.each(['onCreate', 'onUpdate', 'onDelete'] as const)(
  'models.AgentJob.%s subscribes with a filter',
  async (name) => {
    const filter = { id: { eq: 'job-1' } }
    expect(await firstPush(client.models.AgentJob[name]({ filter }))).toMatchObject({ id: 'job-1', version: 2 })
    expect(validCall()).toMatchObject({ variables: { filter } })
  },
)

test('models.AgentJob.observeQuery lists and subscribes to all three changes', async () => {
  expect(await firstPush(client.models.AgentJob.observeQuery())).toHaveProperty('items')
  const asked = api.calls.map(({ query }) => /\{\s*(\w+)/.exec(query.replace(/^[^{]*/, ''))?.[1])
  expect(asked).toContain('listAgentJobs')
  for (const { query } of api.calls) expect(validate(apiSchema, parse(query))).toEqual([])
})

test('the other operations: events, cancel, retry', async () => {
  const { data } = await client.queries.listAgentJobEvents({ jobId: 'job-1', after: 1_000_000 })
  expect(data).toEqual({ items: [], nextToken: null })
  const events = validCall()
  expect(events.variables).toEqual({ jobId: 'job-1', after: 1_000_000 })
  expect(events.query.replaceAll(/\s+/g, ' ')).toMatch(/items \{[^}]*seq[^}]*data/)
  for (const name of ['cancelAgentJob', 'retryAgentJob'] as const) {
    api.calls.length = 0
    await client.mutations[name]({ id: 'job-1' })
    expect(validCall()).toMatchObject({ query: expect.stringContaining(name), variables: { id: 'job-1' } })
  }
  api.calls.length = 0
  expect(await firstPush(client.subscriptions.onAgentJobEvent({ jobId: 'job-1' }))).toMatchObject({ jobId: 'job-1' })
  expect(validCall().variables).toEqual({ jobId: 'job-1' })
})

test('what is for the backend alone is not offered', () => {
  expect(Object.keys(client.mutations)).toEqual(['cancelAgentJob', 'retryAgentJob'])
  expect(Object.keys(client.subscriptions)).toEqual(['onAgentJobEvent'])
})

describe('the settings of a sign-in form', () => {
  const SignInForm = JSON.parse(
    JSON.stringify(Template.fromStack(newStack()).findOutputs('SignInForm').SignInForm),
  ).Value

  test("are those of the construct's own pool, as Amplify reads them", () => {
    const outputs = amplifyOutputs({ ...STACK_OUTPUTS, SignInForm, IdentityPoolId: 'eu-west-1:pool' })
    expect(parseAmplifyConfig(outputs).Auth?.Cognito).toMatchObject({
      userPoolId: 'eu-west-1_pool',
      userPoolClientId: 'app',
      identityPoolId: 'eu-west-1:pool',
      loginWith: { email: true },
      userAttributes: { email: { required: true } },
      mfa: { status: 'optional', totpEnabled: true, smsEnabled: false },
      passwordFormat: { minLength: 12, requireNumbers: true, requireSpecialCharacters: true },
    })
  })

  test("are left to whom the pool is of, when it is not the construct's", () => {
    const { auth } = amplifyOutputs(STACK_OUTPUTS)
    expect(Object.keys(auth).sort()).toEqual([
      'aws_region',
      'unauthenticated_identities_enabled',
      'user_pool_client_id',
      'user_pool_id',
    ])
  })
})

describe("a stack's outputs", () => {
  const prefixed = (prefix: string, suffix = '') =>
    Object.fromEntries(Object.entries(STACK_OUTPUTS).map(([key, value]) => [`${prefix}${key}${suffix}`, value]))
  const others = { BucketName: 'b', OtherGraphQLUrl: 'https://other/graphql' }

  test.each([
    ['plain names', STACK_OUTPUTS],
    ['the path of the construct before them', prefixed('BackendJobs')],
    ['a hash behind them as well', prefixed('Jobs', '1A2B3C4D')],
    ['outputs of other things beside them', { ...prefixed('Jobs'), ...others }],
  ])('may have %s', (_, outputs) => {
    expect(jobOutputs({ Network: { VpcId: 'v' }, App: outputs })).toMatchObject(STACK_OUTPUTS)
    expect(amplifyOutputs(outputs).data.url).toBe(STACK_OUTPUTS.GraphQLUrl)
  })

  test('that lack one are refused by what came and what may come', () => {
    const { JobsUserPoolId: _, ...lacking } = { ...prefixed('Jobs'), ...others } as Record<string, string>
    expect(() => jobOutputs({ App: lacking })).toThrow(
      'which end in GraphQLUrl, Region, UserPoolId, UserPoolClientId; there are App: JobsGraphQLUrl, JobsRegion,',
    )
    expect(() => jobOutputs({})).toThrow('there are none')
  })

  test('are those of the set that is named, when there are several', () => {
    const at = (prefix: string, url: string) => ({ ...prefixed(prefix), [`${prefix}GraphQLUrl`]: url })
    const stacks = { One: { ...at('Fast', 'https://fast'), ...at('Slow', 'https://slow') }, Two: at('', 'https://two') }
    const names = 'One.Fast, One.Slow, Two'
    expect(() => jobOutputs(stacks)).toThrow(`there are several sets of agent jobs: name one of ${names} by --stack`)
    expect(() => jobOutputs(stacks, 'One')).toThrow('name one of')
    expect(() => jobOutputs(stacks, 'Three')).toThrow(`--stack must name a set of agent jobs: ${names}; got Three`)
    expect(() => jobOutputs(stacks, undefined, '--set (set)')).toThrow(`name one of ${names} by --set (set)`)
    expect(jobOutputs(stacks, 'One.Slow').GraphQLUrl).toBe('https://slow')
    expect(jobOutputs(stacks, 'Two').GraphQLUrl).toBe('https://two')
  })
})
