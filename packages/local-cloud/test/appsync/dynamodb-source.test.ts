import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createDynamoDb, type DynamoDb } from '../../src/dynamodb/dynamodb.ts'
import { IDENTITY, startApi, type World } from './appsync-world.ts'

let dynamodb: DynamoDb
let world: World

/** Every field runs the request object that its argument names, on the table `Orders`. */
const CODE = `
  import { util } from '@aws-appsync/utils'
  import * as ddb from '@aws-appsync/utils/dynamodb'
  export const request = (ctx) => {
    const { call, options } = ctx.args.run
    return call === 'raw' ? options : ddb[call](options)
  }
  export const response = (ctx) => {
    if (ctx.error) util.error(ctx.error.message, ctx.error.type, ctx.result)
    return ctx.result
  }`

beforeAll(async () => {
  dynamodb = createDynamoDb({ clock: systemClock, identity: IDENTITY })
  const { tableName } = await dynamodb.createTable({
    TableName: 'Orders',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byOwner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  })
  world = await startApi({
    schema: 'type Query { run(run: AWSJSON!): AWSJSON other(run: AWSJSON!): AWSJSON }',
    dataSources: [{ name: 'Orders', type: 'AMAZON_DYNAMODB', tableName }],
    resolvers: ['run', 'other'].map((fieldName) => ({
      typeName: 'Query',
      fieldName,
      dataSourceName: 'Orders',
      code: CODE,
    })),
    dynamodb,
  })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await dynamodb.close()
})

/** The result of one call, or its error. */
async function run(call: string, options: object, field = 'run') {
  const answer = await world.post(`query ($run: AWSJSON!) { ${field}(run: $run) }`, {
    run: JSON.stringify({ call, options }),
  })
  const [error] = answer.errors ?? []
  return error ? { error } : JSON.parse(answer.data[field])
}

describe('one item', () => {
  test('put answers the new item, get reads it, remove answers the old one', async () => {
    const item = { n: 1.5, flag: true, nothing: null, list: [1, { a: 'b' }] }
    expect(await run('put', { key: { id: 'a' }, item })).toEqual({ id: 'a', ...item })
    expect(await run('get', { key: { id: 'a' } })).toEqual({ id: 'a', ...item })
    expect(await run('get', { key: { id: 'a' }, projection: ['n', 'list'] })).toEqual({ n: 1.5, list: item.list })
    expect(await run('remove', { key: { id: 'a' } })).toEqual({ id: 'a', ...item })
    expect(await run('get', { key: { id: 'a' } })).toBeNull()
    expect(await run('remove', { key: { id: 'a' } })).toBeNull()
  })

  test('update answers the item as it is now, and creates a missing one', async () => {
    expect(await run('update', { key: { id: 'u' }, update: { n: 1 } })).toEqual({ id: 'u', n: 1 })
    expect(await run('update', { key: { id: 'u' }, update: { n: { type: 'OPERATION_INCREMENT', by: 2 } } })).toEqual({
      id: 'u',
      n: 3,
    })
  })

  test('sets come back as lists and binary as base64', async () => {
    const attributeValues = { tags: { SS: ['a', 'b'] }, numbers: { NS: [1, 2] }, bytes: { B: 'aGk=' } }
    await run('raw', { operation: 'PutItem', key: { id: { S: 's' } }, attributeValues })
    const { tags, numbers, bytes } = await run('get', { key: { id: 's' } })
    expect([tags.sort(), numbers.sort(), bytes]).toEqual([['a', 'b'], [1, 2], 'aGk='])
  })
})

describe('a condition that fails', () => {
  const absent = { id: { attributeExists: false } }

  test('a put of what stands already succeeds', async () => {
    const put = (item: object, condition: object = absent) => run('put', { key: { id: 'same' }, item, condition })
    await put({ n: 1, at: 'early' })
    expect(await put({ n: 1, at: 'early' })).toEqual({ id: 'same', n: 1, at: 'early' })
    expect((await put({ n: 1, at: 'late' })).error).toMatchObject({
      errorType: 'DynamoDB:ConditionalCheckFailedException',
      message: expect.stringMatching(
        /^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: .+\)$/,
      ),
      data: { id: 'same', n: 1, at: 'early' },
    })
  })

  test('equalsIgnore leaves attributes out of the comparison', async () => {
    const put = (at: string) =>
      run('raw', {
        operation: 'PutItem',
        key: { id: { S: 'ignore' } },
        attributeValues: { n: { N: 1 }, at: { S: at } },
        condition: {
          expression: 'attribute_not_exists(#id)',
          expressionNames: { '#id': 'id' },
          expressionValues: {},
          equalsIgnore: ['at'],
        },
      })
    await put('early')
    expect(await put('late')).toEqual({ id: 'ignore', n: 1, at: 'early' })
  })

  test('a delete of what is not there succeeds, of what is there fails', async () => {
    const remove = (id: string) => run('remove', { key: { id }, condition: { n: { eq: 9 } } })
    expect(await remove('never')).toBeNull()
    await run('put', { key: { id: 'kept' }, item: { n: 1 } })
    expect((await remove('kept')).error).toMatchObject({ data: { id: 'kept', n: 1 } })
  })

  test('an update always fails', async () => {
    const update = { key: { id: 'missing' }, update: { n: 1 }, condition: { id: { attributeExists: true } } }
    expect((await run('update', update)).error).toMatchObject({
      errorType: 'DynamoDB:ConditionalCheckFailedException',
      data: null,
    })
  })

  test('a condition may be the text of util.transform', async () => {
    const condition = JSON.stringify({ expression: '', expressionNames: { '#v': 'v' }, expressionValues: {} })
    const put = { operation: 'PutItem', key: { id: { S: 'text' } }, attributeValues: {}, condition }
    expect(await run('raw', put)).toEqual({ id: 'text' })
  })
})

describe('many items', () => {
  test('query pages through an index; a token works for its own field only', async () => {
    for (const n of [1, 2, 3]) await run('put', { key: { id: `q${n}` }, item: { owner: 'alice', n } })
    const query = { query: { owner: { eq: 'alice' } }, index: 'byOwner', limit: 2 }
    const first = await run('query', query)
    expect(first).toMatchObject({ items: [{ owner: 'alice' }, { owner: 'alice' }], scannedCount: 2 })
    expect(Buffer.from(first.nextToken, 'base64').toString()).not.toContain('alice')
    const second = await run('query', { ...query, nextToken: first.nextToken })
    expect([...first.items, ...second.items].map(({ n }) => n).sort()).toEqual([1, 2, 3])
    expect(second.nextToken).toBeNull()
    expect((await run('query', { ...query, nextToken: first.nextToken }, 'other')).error.message).toContain(
      'nextToken is not one that Query.other gave',
    )
  })

  test('scan with a filter', async () => {
    await run('put', { key: { id: 'scanned' }, item: { only: 'me' } })
    const { items } = await run('scan', { filter: { only: { eq: 'me' } }, limit: 100 })
    expect(items).toEqual([{ id: 'scanned', only: 'me' }])
  })

  test('a batch keeps the order of its keys', async () => {
    const batch = {
      tables: {
        Orders: [
          { id: 'b1', n: 1 },
          { id: 'b2', n: 2 },
        ],
      },
    }
    expect(await run('batchPut', batch)).toEqual({ data: batch.tables, unprocessedItems: { Orders: [] } })
    const keys = [{ id: 'b2' }, { id: 'no' }, { id: 'b1' }]
    expect(await run('batchGet', { tables: { Orders: { keys } } })).toEqual({
      data: { Orders: [{ id: 'b2', n: 2 }, null, { id: 'b1', n: 1 }] },
      unprocessedKeys: { Orders: [] },
    })
    const gone = { tables: { Orders: [{ id: 'b1' }, { id: 'b2' }] } }
    expect(await run('batchDelete', gone)).toEqual({ data: gone.tables, unprocessedKeys: { Orders: [] } })
    expect(await run('get', { key: { id: 'b1' } })).toBeNull()
  })

  test('a transaction writes all, or says which member stopped it', async () => {
    const put = (id: string, condition?: object) => ({
      putItem: { table: 'Orders', key: { id }, item: { n: 1 }, condition },
    })
    expect(await run('transactWrite', { items: [put('t1'), put('t2')] })).toEqual({
      keys: [{ id: 't1' }, { id: 't2' }],
      cancellationReasons: null,
    })
    const items = [put('t1', { id: { attributeExists: false } }), put('t3')]
    expect((await run('transactWrite', { items })).error).toMatchObject({
      errorType: 'DynamoDB:TransactionCanceledException',
      data: {
        keys: null,
        cancellationReasons: [
          { type: 'ConditionCheckFailed', message: 'The condition check failed.', item: { id: 't1', n: 1 } },
          { type: 'None', message: 'None' },
        ],
      },
    })
    const read = {
      items: [
        { table: 'Orders', key: { id: 't2' } },
        { table: 'Orders', key: { id: 't3' } },
      ],
    }
    expect(await run('transactGet', read)).toEqual({ items: [{ id: 't2', n: 1 }, null], cancellationReasons: null })
  })
})

describe('what cannot work', () => {
  test('an exception of DynamoDB has its name', async () => {
    const query = { query: { nothing: { eq: 1 } } }
    expect((await run('query', query)).error.errorType).toBe('DynamoDB:ValidationException')
  })

  test('an operation that is none', async () => {
    expect((await run('raw', { operation: 'Drop' })).error).toMatchObject({
      errorType: 'MappingTemplate',
      message: expect.stringContaining('must be one of GetItem, PutItem'),
    })
  })
})
