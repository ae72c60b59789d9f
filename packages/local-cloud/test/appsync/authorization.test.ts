import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { IAM, startApi, type World } from './appsync-world.ts'
import { api, resolver, schema } from './example.ts'

let world: World
beforeAll(async () => {
  world = await startApi(api)
})
afterAll(() => world[Symbol.asyncDispose]())

const UNAUTHORIZED = { errorType: 'UnauthorizedException', message: 'You are not authorized to make this call.' }

describe('who may call', () => {
  test.each([
    ['nothing', {}],
    ['an API key, in an API without keys', { 'x-api-key': 'da2-x' }],
    ['no token at all', { authorization: 'abc' }],
  ])('%s is refused', async (_, headers) => {
    expect(await world.post('{ who }', {}, headers as Record<string, string>)).toMatchObject({
      status: 401,
      errors: [UNAUTHORIZED],
    })
  })

  test('a forged token is refused, and the log says why', async () => {
    const token = await world.token('alice')
    const [head, payload, signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload as string, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'sub-bob' })).toString('base64url')
    const answer = await world.post('{ who }', {}, { authorization: `${head}.${forged}.${signature}` })
    expect(answer).toMatchObject({ status: 401, errors: [UNAUTHORIZED] })
    expect(world.lines.at(-1)).toContain('signature verification failed')
  })

  test('a token is good until it expires', async () => {
    const clock = new ManualClock()
    await using own = await startApi(api, clock)
    const authorization = await own.token('alice', { expiresInSeconds: 60 })
    expect((await own.post('{ who }', {}, { authorization })).status).toBe(200)
    await clock.advance(60_000)
    expect(await own.post('{ who }', {}, { authorization })).toMatchObject({
      status: 401,
      errors: [{ errorType: 'UnauthorizedException', message: 'Token has expired.' }],
    })
  })

  test.each(['access', 'id'] as const)('a user pool identity from the %s token', async (use) => {
    const authorization = `Bearer ${await world.token('admin', { use })}`
    const { data } = await world.post('{ who }', {}, { authorization, cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' })
    const { identity, headers } = JSON.parse(data.who)
    expect(identity).toMatchObject({
      sub: 'sub-admin',
      username: 'admin',
      groups: ['admins'],
      defaultAuthStrategy: 'ALLOW',
      sourceIp: ['1.2.3.4', '127.0.0.1'],
      claims: { token_use: use },
    })
    expect(headers).not.toHaveProperty('cookie')
  })

  test('an API key is a caller without identity', async () => {
    await using own = await startApi({
      schema: 'type Query { who: String }',
      authenticationType: 'API_KEY',
      additionalAuthenticationProviders: [],
      apiKeys: ['da2-good'],
      resolvers: [resolver('Query.who', 'util.authType() + ctx.identity')],
    })
    const answer = await own.post('{ who }', {}, { 'x-api-key': 'da2-good' })
    expect(answer.data).toEqual({ who: 'API Key Authorizationnull' })
    expect((await own.post('{ who }', {}, { 'x-api-key': 'da2-bad' })).status).toBe(401)
  })

  test('a mode that is not emulated is named at the start', async () => {
    const start = startApi({ schema, authenticationType: 'AWS_LAMBDA' })
    await expect(start).rejects.toThrow('AuthenticationType of API api is AWS_LAMBDA; emulated are API_KEY')
  })
})

const DENIED = { data: null, errorType: 'Unauthorized', errorInfo: null }

describe('who may read a field', () => {
  test('a mutation of the backend is refused to a user', async () => {
    const answer = await world.post('mutation {\n  backend(input: { id: "1" }) { id } }')
    expect(answer.status).toBe(200)
    expect(answer.data).toEqual({ backend: null })
    expect(answer.errors).toEqual([
      {
        path: ['backend'],
        ...DENIED,
        locations: [{ line: 2, column: 3, sourceName: null }],
        message: 'Not Authorized to access backend on type Mutation',
      },
    ])
  })

  test('IAM may call it, and only what carries its directive', async () => {
    const headers = IAM
    expect((await world.post('mutation { backend(input: { id: "1" }) { id } }', {}, headers)).data.backend.id).toBe('1')
    expect(
      (await world.post('mutation { createOrder(input: { id: "1" }) { id } }', {}, headers)).errors?.[0],
    ).toMatchObject({
      ...DENIED,
      message: 'Not Authorized to access createOrder on type Mutation',
    })
    expect((await world.post('mutation { internal { id } }', {}, headers)).errors?.[0]).toMatchObject({
      message: 'Not Authorized to access id on type Internal',
    })
  })

  test('a field of a group is null for the others', async () => {
    const query = '{ order(id: "1") { id secret } admins }'
    const answer = await world.post(query)
    expect(answer.data).toEqual({ order: { id: '1', secret: null }, admins: null })
    expect(answer.errors?.map((error) => error.message).sort()).toEqual([
      'Not Authorized to access admins on type Query',
      'Not Authorized to access secret on type Order',
    ])
    const asAdmin = await world.post(query, {}, { authorization: await world.token('admin') })
    expect(asAdmin).toMatchObject({ data: { order: { secret: 's' }, admins: 'only admins' } })
    expect(asAdmin.errors).toBeUndefined()
  })
})
