import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IAM, type RawClient, startApi, type World } from './appsync-world.ts'
import { publishingApi as api, ON_ORDER, ORDER, publish, subscribe } from './publishing.ts'

let world: World
let alice: { Authorization: string }
beforeAll(async () => {
  world = await startApi(api)
  alice = { Authorization: await world.token('alice') }
})
afterAll(() => world[Symbol.asyncDispose]())

/** A subscription of alice that is open. */
const subscribed = (query: string, variables = {}, authorization: Record<string, string> = alice) =>
  subscribe(world, authorization, query, variables)

/** The data of the next push. */
const pushed = async (client: RawClient) => (await client.next()).payload.data.onOrder

describe('receiving', () => {
  test('what the arguments match, until stop', async () => {
    const client = await subscribed(ON_ORDER, { id: 'a' })
    await publish(world, { id: 'b' })
    await publish(world, { id: 'a', status: 'PENDING' })
    expect(await client.next()).toEqual({
      type: 'data',
      id: '1',
      payload: { data: { onOrder: { id: 'a', status: 'PENDING' } } },
    })
    client.send({ type: 'stop', id: '1' })
    expect(await client.next()).toEqual({ type: 'complete', id: '1' })
    await publish(world, { id: 'a' })
    client.start('1', ON_ORDER, { id: 'a' }, alice)
    expect((await client.next()).type).toBe('start_ack')
  })

  test('an argument that is null asks for null', async () => {
    const client = await subscribed(ON_ORDER, { id: 'n', status: null })
    await publish(world, { id: 'n', status: 'DONE' })
    await publish(world, { id: 'n' })
    expect(await pushed(client)).toEqual({ id: 'n', status: null })
  })

  test('events come in the order of their mutations', async () => {
    const client = await subscribed('subscription { onOrder(id: "o") { version } }')
    for (let version = 1; version <= 20; version++) await publish(world, { id: 'o', version })
    for (let version = 1; version <= 20; version++) expect(await pushed(client)).toEqual({ version })
  })

  test('only what the mutation selected', async () => {
    const client = await subscribed('subscription { onOrder(id: "s") { id status version } }')
    await publish(world, { id: 's', status: 'DONE', version: 2 }, '{ id version }')
    expect(await pushed(client)).toEqual({ id: 's', status: null, version: 2 })
    await publish(world, { id: 's', version: 3 }, '{ id }')
    expect((await client.next()).payload).toEqual({
      data: { onOrder: null },
      errors: [
        {
          message: "Cannot return null for non-nullable type: 'Int' within parent 'Order' (/onOrder/version)",
          path: ['onOrder', 'version'],
        },
      ],
    })
  })

  test('aliases and fragments of both sides', async () => {
    const client = await subscribed(
      'subscription { mine: onOrder(id: "f") { ...F state: status } } fragment F on Order { id error { what: code } }',
    )
    await publish(
      world,
      { id: 'f', status: 'FAILED', code: 'X' },
      '{ key: id id ...R } fragment R on Order { now: status error { c: code } }',
    )
    expect((await client.next()).payload.data).toEqual({ mine: { id: 'f', error: { what: 'X' }, state: 'FAILED' } })
  })

  test('nothing of a mutation that failed or answered null', async () => {
    const client = await subscribed('subscription { onOrder { id status } }')
    await publish(world, { id: 'fails', status: 'ERROR' })
    await publish(world, { id: 'null', status: 'NULL' })
    await publish(world, { id: 'comes' })
    expect(await pushed(client)).toEqual({ id: 'comes', status: null })
  })

  test('nothing over 240 KB, and the log says so', async () => {
    const client = await subscribed(ON_ORDER, { id: 'big' })
    await publish(world, { id: 'big', status: 'x'.repeat(240 * 1024) })
    await publish(world, { id: 'big', status: 'small' })
    expect(await pushed(client)).toEqual({ id: 'big', status: 'small' })
    expect(world.lines.at(-1)).toMatch(/a push of \d+ bytes to onOrder was dropped; the limit is 245760/)
  })

  test('nothing after the socket is gone', async () => {
    const client = await subscribed(ON_ORDER, { id: 'gone' })
    client.socket.close()
    await client.closed
    expect((await publish(world, { id: 'gone' })).errors).toBeUndefined()
  })
})

describe('enhanced filters', () => {
  const filtered = (filter: object) =>
    subscribed('subscription ($filter: AWSJSON) { onFiltered(filter: $filter) { id } }', {
      filter: JSON.stringify(filter),
    })
  const ORDERS = [
    { ...ORDER, id: 'one', status: 'PENDING', version: 1, tags: ['a', 'b'] },
    { ...ORDER, id: 'two', status: 'DONE', version: 2, code: 'X', tags: ['c'] },
    { ...ORDER, id: 'three', version: 3 },
  ]
  test.each([
    [{ version: { eq: 2 } }, ['two']],
    [{ version: { ne: 2 } }, ['one', 'three']],
    [{ version: { le: 2 } }, ['one', 'two']],
    [{ version: { lt: 2 } }, ['one']],
    [{ version: { ge: 2 } }, ['two', 'three']],
    [{ version: { gt: 2 } }, ['three']],
    [{ version: { between: [2, 3] } }, ['two', 'three']],
    [{ version: { in: [1, 3] } }, ['one', 'three']],
    [{ version: { notIn: [1, 3] } }, ['two']],
    [{ status: { beginsWith: 'PEN' } }, ['one']],
    [{ status: { contains: 'ON' } }, ['two']],
    [{ status: { notContains: 'ON' } }, ['one', 'three']],
    [{ status: { eq: 'pending' } }, []],
    [{ status: { ne: 'DONE' } }, ['one', 'three']],
    [{ tags: { contains: 'a' } }, ['one']],
    [{ tags: { containsAny: ['b', 'c'] } }, ['one', 'two']],
    [{ 'error.code': { eq: 'X' } }, ['two']],
    [{ or: [{ version: { eq: 1 } }, { version: { eq: 3 } }] }, ['one', 'three']],
    [{ and: [{ version: { ge: 2 } }, { status: { eq: 'DONE' } }] }, ['two']],
    [{}, ['one', 'two', 'three']],
  ])('%j lets through %j', async (filter, ids) => {
    const client = await filtered({ ...filter })
    for (const order of ORDERS) await publish(world, order)
    await publish(world, { ...ORDER, id: 'last', status: 'DONE PENDING', version: 2, code: 'X', tags: ['a', 'b', 'c'] })
    client.send({ type: 'stop', id: '1' })
    const seen: string[] = []
    for (let frame = await client.next(); frame.type === 'data'; frame = await client.next()) {
      seen.push(frame.payload.data.onFiltered.id)
    }
    expect(seen.filter((id) => id !== 'last')).toEqual(ids)
  })

  test('an invalidation ends the subscriptions that it matches', async () => {
    const [a, b] = [await filtered({ version: { ge: 0 } }), await filtered({ version: { ge: 0 } })]
    await world.post('mutation { invalidate(owner: "sub-bob") }', {}, IAM)
    await world.post('mutation { invalidate(owner: "sub-alice") }', {}, IAM)
    for (const client of [a, b]) {
      expect(await client.next()).toMatchObject({ type: 'error', id: '1' })
      expect(await client.next()).toEqual({ type: 'complete', id: '1' })
    }
  })
})
