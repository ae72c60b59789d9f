import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { RawClient, signedByStack, startApi, type World } from './appsync-world.ts'
import { publishingApi as api, ON_ORDER, publish, subscribe } from './publishing.ts'

let world: World
let alice: { Authorization: string }
beforeAll(async () => {
  world = await startApi(api)
  alice = { Authorization: await world.token('alice') }
})
afterAll(() => world[Symbol.asyncDispose]())

const host = () => new URL(world.url).host
const ACK = { type: 'connection_ack', payload: { connectionTimeoutMs: 300000 } }
const DENIED = {
  errorType: 'UnauthorizedException',
  message: 'You are not authorized to make this call.',
  errorCode: 401,
}

/** A subscription of alice that is open. */
const subscribed = (query: string, variables = {}, authorization: Record<string, string> = alice) =>
  subscribe(world, authorization, query, variables)

describe('connecting', () => {
  const json = () => JSON.stringify({ host: host(), ...alice })
  const forms: [string, () => RawClient][] = [
    [
      'sub-protocol',
      () => new RawClient(world.realtimeUrl, ['graphql-ws', `header-${Buffer.from(json()).toString('base64url')}`]),
    ],
    [
      'query string',
      () => {
        const header = encodeURIComponent(Buffer.from(json()).toString('base64'))
        return new RawClient(`${world.realtimeUrl}?header=${header}&payload=e30=`, ['graphql-ws'])
      },
    ],
    [
      'query string that is not escaped, at /graphql',
      () => {
        const url = world.realtimeUrl.replace('/realtime', '')
        return new RawClient(`${url}?header=${Buffer.from(json()).toString('base64')}&payload=e30=`, ['graphql-ws'])
      },
    ],
    ['headers of the upgrade', () => new RawClient(world.realtimeUrl, ['graphql-ws'], { headers: alice })],
  ]
  test.each(forms)('with the credentials in the %s', async (_, open) => {
    const client = open()
    await client.opened()
    expect(client.socket.protocol).toBe('graphql-ws')
    client.send({ type: 'connection_init' })
    expect([await client.next(), await client.next()]).toEqual([ACK, { type: 'ka' }])
  })

  const refused = async (authorization: object) => {
    const header = Buffer.from(JSON.stringify({ host: host(), ...authorization })).toString('base64url')
    const client = new RawClient(world.realtimeUrl, ['graphql-ws', `header-${header}`])
    await client.opened()
    client.send({ type: 'connection_init' })
    const frame = await client.next()
    await client.closed
    return frame
  }

  test('bad credentials are refused inside the protocol', async () => {
    expect(await refused({ Authorization: 'abc' })).toEqual({ type: 'connection_error', payload: { errors: [DENIED] } })
    expect(await refused({})).toMatchObject({ payload: { errors: [DENIED] } })
  })

  test('an expired token says so, with 401 so that clients do not retry', async () => {
    expect(await refused({ Authorization: await world.token('alice', { expiresInSeconds: -1 }) })).toMatchObject({
      type: 'connection_error',
      payload: { errors: [{ errorType: 'UnauthorizedException', message: 'Token has expired.', errorCode: 401 }] },
    })
  })

  test('another sub-protocol is refused', async () => {
    const client = new RawClient(world.realtimeUrl, [])
    expect(await client.next()).toMatchObject({
      type: 'connection_error',
      payload: { errors: [{ message: 'SubProtocolNotSupportedError', errorCode: 400 }] },
    })
    await client.closed
  })

  test('ka comes every minute, and the connection ends after a day', async () => {
    const clock = new ManualClock()
    await using own = await startApi(api, clock)
    const client = await RawClient.connect(own, { Authorization: await own.token('alice', { expiresInSeconds: 1e6 }) })
    await clock.advance(60_000)
    expect(await client.next()).toEqual({ type: 'ka' })
    await clock.advance(24 * 60 * 60 * 1000)
    await client.closed
  })

  test('a silent client with bad credentials does not hang', async () => {
    const clock = new ManualClock()
    await using own = await startApi(api, clock)
    const client = new RawClient(own.realtimeUrl, ['graphql-ws', 'header-'])
    await client.opened()
    await clock.advance(15_000)
    expect(await client.next()).toMatchObject({ type: 'connection_error', payload: { errors: [DENIED] } })
  })
})

describe('frames that are wrong', () => {
  const start = (payload: unknown) => ({ type: 'start', id: '9', payload })
  test.each([
    ['no JSON', '{', undefined, 'a frame must be a JSON object, got: {'],
    ['a list', '[]', undefined, 'a frame must be a JSON object'],
    ['no type', {}, undefined, 'must be connection_init, start or stop, got nothing'],
    ['an unknown type', { type: 'subscribe', id: '9' }, '9', 'got "subscribe"'],
    ['a start without id', { type: 'start' }, undefined, 'a start frame needs an id'],
    ['a start without data', start({}), '9', 'payload.data of a start frame must be a string'],
    ['a start whose data is an object', start({ data: { query: '' } }), '9', 'must be a string'],
    [
      'data that is no JSON',
      start({ data: '{', extensions: { authorization: signedByStack('{') } }),
      '9',
      'Unable to parse GraphQL query.',
    ],
  ])('%s: an error frame, and the socket stays open', async (_, frame, id, message) => {
    const client = await RawClient.connect(world, alice)
    client.send(frame)
    const answer = await client.next()
    expect(answer).toMatchObject({
      type: 'error',
      payload: { errors: [{ message: expect.stringContaining(message) }] },
    })
    expect(answer.id).toBe(id)
    client.start('1', ON_ORDER, {}, alice)
    expect((await client.next()).type).toBe('start_ack')
  })

  test('bytes that are no WebSocket frame end this socket only', async () => {
    const other = await subscribed(ON_ORDER, { id: 'alive' })
    const { port } = new URL(world.url)
    const socket = connect(Number(port), '127.0.0.1')
    const key = 'dGhlIHNhbXBsZSBub25jZQ=='
    socket.write(
      `GET /graphql/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: graphql-ws\r\n\r\n`,
    )
    await new Promise((resolve) => socket.once('data', resolve))
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await new Promise((resolve) => socket.once('close', resolve))
    await publish(world, { id: 'alive' })
    expect((await other.next()).payload.data).toEqual({ onOrder: { id: 'alive', status: null } })
  })
})

describe('starting', () => {
  const refusal = async (query: string, authorization: Record<string, string> = alice, variables: object = {}) => {
    const client = await RawClient.connect(world, alice)
    client.start('1', query, variables, authorization)
    const frame = await client.next()
    expect([frame.type, frame.id]).toEqual(['error', '1'])
    return frame.payload.errors
  }

  test('a field that is not there', async () => {
    expect(await refusal('subscription { onOrder { no } }')).toMatchObject([
      { message: "Validation error of type FieldUndefined: Field 'no' in type 'Order' is undefined @ 'onOrder/no'" },
    ])
  })

  test('a variable of the wrong type', async () => {
    expect(await refusal(ON_ORDER, alice, { status: 5 })).toMatchObject([
      { message: expect.stringContaining("Variable 'status' has an invalid value") },
    ])
  })

  test('a query instead of a subscription', async () => {
    expect(await refusal('{ nothing }')).toMatchObject([{ errorType: 'UnsupportedOperation' }])
  })

  test('a subscription of a group', async () => {
    const errors = await refusal('subscription { onSecret { id } }')
    expect(errors).toMatchObject([
      { errorType: 'Unauthorized', message: 'Not Authorized to access onSecret on type Subscription' },
    ])
  })

  test('each start has its own credentials', async () => {
    expect(await refusal(ON_ORDER, { Authorization: 'abc' })).toMatchObject([{ errorType: 'UnauthorizedException' }])
    expect(await refusal(ON_ORDER, {})).toMatchObject([{ errorType: 'UnauthorizedException' }])
  })

  test('util.error of the resolver', async () => {
    expect(await refusal('subscription { onFiltered(filter: "{\\"refuse\\":{}}") { id } }')).toMatchObject([
      { errorType: 'Refused', message: 'not this one' },
    ])
  })

  test('an id that is open already', async () => {
    const client = await subscribed(ON_ORDER)
    client.start('1', ON_ORDER, {}, alice)
    expect(await client.next()).toMatchObject({
      type: 'error',
      id: '1',
      payload: { errors: [{ errorType: 'DuplicatedOperationError' }] },
    })
  })
})
