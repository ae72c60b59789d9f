import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi, type World } from './appsync-world.ts'
import { api } from './example.ts'

let world: World
beforeAll(async () => {
  world = await startApi(api)
})
afterAll(() => world[Symbol.asyncDispose]())

const raw = async (body: string | undefined, init: RequestInit = {}) => {
  const response = await fetch(world.url, {
    method: 'POST',
    body,
    ...init,
    headers: { authorization: await world.token('alice'), 'content-type': 'application/json', ...init.headers },
  })
  // biome-ignore lint/suspicious/noExplicitAny: the answer under test
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

describe('HTTP', () => {
  test('POST and GET answer alike', async () => {
    const query = '{ order(id: "7") { id status data __typename } }'
    const data = { order: { id: '7', status: 'DONE', data: '{"a":[1]}', __typename: 'Order' } }
    expect((await raw(JSON.stringify({ query }))).body).toEqual({ data })
    const response = await fetch(`${world.url}?query=${encodeURIComponent(query)}`, {
      headers: { authorization: await world.token('alice') },
    })
    expect(await response.json()).toEqual({ data })
  })

  test('a preflight allows what Amplify sends', async () => {
    const response = await fetch(world.url, { method: 'OPTIONS', headers: { origin: 'http://localhost:5173' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
    const allowed = response.headers.get('access-control-allow-headers') ?? ''
    for (const name of 'authorization content-type x-amz-user-agent x-api-key x-amz-date x-amz-security-token'.split(
      ' ',
    )) {
      expect(allowed).toContain(name)
    }
  })

  test.each([
    ['nothing', undefined, 'Request body is empty.'],
    ['no JSON', '{', 'Unable to parse GraphQL query.'],
    ['{}', '{}', 'Unable to parse GraphQL query.'],
    ['[]', '[]', 'Unable to parse GraphQL query.'],
  ])('a body of %s is refused', async (_, body, message) => {
    expect(await raw(body)).toMatchObject({
      status: 400,
      body: { errors: [{ message, errorType: 'MalformedHttpRequestException' }] },
    })
  })

  test('a subscription over HTTP says where it belongs', async () => {
    const { status, body } = await raw(JSON.stringify({ query: 'subscription { onOrder { id } }' }))
    expect(status).toBe(400)
    expect(body.errors[0].message).toContain('/graphql/realtime')
  })

  test('an operation is chosen by its name', async () => {
    const query = 'query A { a: order(id: "1") { id } } query B { b: order(id: "2") { id } }'
    expect((await raw(JSON.stringify({ query, operationName: 'B' }))).body).toEqual({ data: { b: { id: '2' } } })
    expect((await raw(JSON.stringify({ query }))).body.errors[0].message).toContain('the document has A, B')
  })
})

describe('what graphql-java would say', () => {
  const at = (line: number, column: number) => [{ line, column, sourceName: null }]
  test.each([
    ['{ badfield }', "FieldUndefined: Field 'badfield' in type 'Query' is undefined @ 'badfield'", at(1, 3)],
    [
      '{ order(id: 1) { parent { no } } }',
      "FieldUndefined: Field 'no' in type 'Order' is undefined @ 'order/parent/no'",
      at(1, 27),
    ],
    ['{ order { id } }', "MissingFieldArgument: Missing field argument id @ 'order'", at(1, 3)],
    ['{ order(id: 1, no: 2) { id } }', "UnknownArgument: Unknown field argument no @ 'order'", at(1, 16)],
    [
      '{ order(id: 1) }',
      "SubSelectionRequired: Sub selection required for type Order of field order @ 'order'",
      at(1, 3),
    ],
    [
      'mutation { createOrder(input: { id: 1, owner: "x" }) { id } }',
      "WrongType: argument contains a field not in 'OrderInput': 'owner' @ 'createOrder'",
      at(1, 40),
    ],
    [
      'mutation { createOrder(input: {}) { id } }',
      "WrongType: argument of type 'OrderInput' is missing required fields '[id]' @ 'createOrder'",
      at(1, 31),
    ],
  ])('%s', async (query, message, locations) => {
    const answer = await world.post(query)
    expect(answer.status).toBe(200)
    expect(answer.data).toBeNull()
    expect(answer.errors).toEqual([{ path: null, locations, message: `Validation error of type ${message}` }])
  })

  const CREATE = 'mutation ($input: OrderInput!) { createOrder(input: $input) { id } }'
  test.each([
    [{}, "Variable 'input' has coerced Null value for NonNull type 'OrderInput!'"],
    [{ input: {} }, "Variable 'id' has coerced Null value for NonNull type 'ID!'"],
    [{ input: { id: null } }, "Variable 'id' has coerced Null value for NonNull type 'ID!'"],
    [
      { input: { id: '1', owner: 'x' } },
      "The variables input contains a field name 'owner' that is not defined for input object type 'OrderInput' ",
    ],
    [
      { input: { id: '1', status: 'LATE' } },
      "Variable 'input' has an invalid value. Invalid input for Enum 'Status'. No value found for name 'LATE'",
    ],
  ])('variables %j', async (variables, message) => {
    const answer = await world.post(CREATE, variables)
    expect(answer).toMatchObject({ status: 200, data: null, errors: [{ path: null, message }] })
  })

  test('a syntax error', async () => {
    expect((await world.post('{ order(')).errors?.[0].message).toMatch(/^Invalid Syntax : /)
  })

  test('null where the schema has none', async () => {
    expect(await world.post('{ orders { id } }')).toMatchObject({
      data: null,
      errors: [
        {
          path: ['orders', 1, 'id'],
          locations: null,
          message: "Cannot return null for non-nullable type: 'ID' within parent 'Order' (/orders/1/id)",
        },
      ],
    })
  })

  test('values that their type cannot write', async () => {
    const answer = await world.post('{ broken { id status count at } }')
    expect(answer.data).toEqual({ broken: { id: '1', status: null, count: null, at: null } })
    expect(answer.errors?.map((error) => error.message)).toEqual([
      "Can't serialize value (/broken/status) : Invalid input for Enum 'Status'. No value found for name 'NEW'",
      "Can't serialize value (/broken/count) : Expected type 'Int' but got \"many\".",
      "Can't serialize value (/broken/at) : Unable to serialize `yesterday` as a valid DateTime.",
    ])
  })
})

describe('limits', () => {
  test('fields below queryDepthLimit are errors, the rest is answered', async () => {
    const answer = await world.post('{ order(id: 1) { id parent { id parent { id parent { id } } } } }')
    expect(answer.data.order.parent.parent).toEqual({ id: 'pp', parent: null })
    expect(answer.errors).toMatchObject([
      { path: ['order', 'parent', 'parent', 'parent', 'id'], errorType: 'QueryDepthLimitReached' },
    ])
  })

  test('resolvers beyond resolverCountLimit do not run', async () => {
    const answer = await world.post('{ a: who b: who c: who d: who }')
    expect(answer.errors).toMatchObject([{ path: ['d'], errorType: 'ResolverExecutionLimitReached' }])
    expect(answer.data.c).not.toBeNull()
    expect(answer.data.d).toBeNull()
  })

  test('introspection works unless it is disabled', async () => {
    const query = '{ __schema { queryType { name } } __type(name: "Order") { name } }'
    expect((await world.post(query)).data.__schema.queryType.name).toBe('Query')
    await using own = await startApi({ ...api, introspectionConfig: 'DISABLED' })
    expect((await own.post(query)).errors?.[0].message).toContain("FieldUndefined: Field '__schema' in type 'Query'")
    expect((await own.post('{ order(id: 1) { __typename } }')).data.order.__typename).toBe('Order')
  })
})
