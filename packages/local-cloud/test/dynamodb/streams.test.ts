import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams'
import {
  BatchWriteCommand,
  DeleteCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { describeOnTargets, failure } from './targets.ts'

describeOnTargets('DynamoDB Streams', ({ target }) => {
  /** Writes `marker` last and returns all records before it. */
  async function recordsOf(TableName: string, StreamArn: string): Promise<DynamoDBRecord[]> {
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'marker' } }))
    const cursor = target.dynamodb.openStream(StreamArn, 'TRIM_HORIZON')
    const records: DynamoDBRecord[] = []
    while (records.at(-1)?.dynamodb?.Keys?.id?.S !== 'marker') records.push(...(await cursor.next(3)))
    cursor.close()
    return records.slice(0, -1)
  }

  async function shardOf(StreamArn: string) {
    const { StreamDescription } = await target.streams.send(new DescribeStreamCommand({ StreamArn }))
    return StreamDescription?.Shards?.[0]?.ShardId
  }

  async function iterator(StreamArn: string, ShardIteratorType: ShardIteratorType, SequenceNumber?: string) {
    const ShardId = await shardOf(StreamArn)
    const command = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber })
    return (await target.streams.send(command)).ShardIterator
  }

  test('every change comes once, in order, with the image before and the image after', async () => {
    const { TableName, StreamArn } = await target.table()
    const key = { TableName, Key: { id: 'a' } }
    const set = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': 2 } }
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'a', n: 1 } }))
    await target.documents.send(new UpdateCommand({ ...key, ...set }))
    await target.documents.send(new DeleteCommand(key))
    const [one, two] = [1, 2].map((n) => ({ id: { S: 'a' }, n: { N: String(n) } }))
    const records = await recordsOf(TableName, StreamArn)
    expect(records).toMatchObject([
      { eventName: 'INSERT', dynamodb: { Keys: { id: { S: 'a' } }, NewImage: one } },
      { eventName: 'MODIFY', dynamodb: { Keys: { id: { S: 'a' } }, OldImage: one, NewImage: two } },
      { eventName: 'REMOVE', dynamodb: { Keys: { id: { S: 'a' } }, OldImage: two } },
    ])
    expect(records[0]?.dynamodb).not.toHaveProperty('OldImage')
    expect(records[2]?.dynamodb).not.toHaveProperty('NewImage')
    for (const record of records) {
      expect(record).toMatchObject({ eventVersion: '1.1', eventSource: 'aws:dynamodb', eventSourceARN: StreamArn })
      expect(record.dynamodb?.StreamViewType).toBe('NEW_AND_OLD_IMAGES')
      expect(record.dynamodb?.SequenceNumber).toMatch(/^\d{21,40}$/)
      expect(record.dynamodb?.ApproximateCreationDateTime).toBeLessThan(1e10)
    }
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(3)
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0))
    expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)))
  })

  test('a write that changes nothing, or fails, makes no record', async () => {
    const { TableName, StreamArn } = await target.table()
    const put = { TableName, Item: { id: 'a', n: 1, tags: new Set(['x', 'y']), m: { p: 1, q: 2 } } }
    await target.documents.send(new PutCommand(put))
    await target.documents.send(new PutCommand(put))
    const reordered = { m: { q: 2, p: 1 }, tags: new Set(['y', 'x']), n: 1, id: 'a' }
    await target.documents.send(new PutCommand({ TableName, Item: reordered }))
    const key = { TableName, Key: { id: 'a' } }
    const set = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': 1 } }
    await target.documents.send(new UpdateCommand({ ...key, ...set }))
    await target.documents.send(new DeleteCommand({ TableName, Key: { id: 'nobody' } }))
    const refused = new PutCommand({ TableName, Item: { id: 'a' }, ConditionExpression: 'attribute_not_exists(id)' })
    await failure(target.documents.send(refused))
    expect(await recordsOf(TableName, StreamArn)).toHaveLength(1)
  })

  test('batches and transactions make records too, cancelled transactions none', async () => {
    const { TableName, StreamArn } = await target.table()
    await target.documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { id: 'b' } } }] } }),
    )
    const Put = { TableName, Item: { id: 't' } }
    await target.documents.send(
      new TransactWriteCommand({ TransactItems: [{ Put }, { Delete: { TableName, Key: { id: 'b' } } }] }),
    )
    const impossible = { TableName, Key: { id: 'b' }, ConditionExpression: 'attribute_exists(id)' }
    await failure(
      target.documents.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: { TableName, Item: { id: 'u' } } }, { ConditionCheck: impossible }],
        }),
      ),
    )
    const records = await recordsOf(TableName, StreamArn)
    const names = records.map(({ eventName, dynamodb }) => `${eventName} ${dynamodb?.Keys?.id?.S}`)
    expect(names[0]).toBe('INSERT b')
    expect(names.slice(1).sort()).toEqual(['INSERT t', 'REMOVE b'])
  })

  test('records of one item keep the order of concurrent writes', async () => {
    const { TableName, StreamArn } = await target.table()
    const add = { UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': 1 } }
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        target.documents.send(new UpdateCommand({ TableName, Key: { id: `item${n % 3}` }, ...add })),
      ),
    )
    const records = await recordsOf(TableName, StreamArn)
    for (const id of ['item0', 'item1', 'item2']) {
      const ofItem = records.filter(({ dynamodb }) => dynamodb?.Keys?.id?.S === id)
      expect(ofItem.map(({ dynamodb }) => Number(dynamodb?.NewImage?.n?.N))).toEqual(
        Array.from({ length: 20 }, (_, n) => n + 1),
      )
    }
  })

  test.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
  ] as const)('%s carries %j', async (StreamViewType, images) => {
    const StreamSpecification = { StreamEnabled: true, StreamViewType }
    const { TableName, StreamArn } = await target.table({ StreamSpecification })
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'a' } }))
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'a', n: 1 } }))
    const [, modify] = await recordsOf(TableName, StreamArn)
    expect(Object.keys(modify?.dynamodb ?? {}).filter((name) => name.endsWith('Image'))).toEqual(images)
  })

  test('streams are listed and described, and each type of iterator starts at its place', async () => {
    const { TableName, StreamArn } = await target.table()
    for (const id of ['a', 'b', 'c']) await target.documents.send(new PutCommand({ TableName, Item: { id } }))
    const listed = await target.streams.send(new ListStreamsCommand({ TableName }))
    expect(listed.Streams).toMatchObject([{ StreamArn, TableName }])
    const { StreamDescription } = await target.streams.send(new DescribeStreamCommand({ StreamArn }))
    expect(StreamDescription).toMatchObject({
      StreamArn,
      TableName,
      StreamStatus: 'ENABLED',
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    })
    expect(StreamDescription?.Shards?.[0]?.ShardId?.length).toBeGreaterThanOrEqual(28)

    const latest = await iterator(StreamArn, 'LATEST')
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'd' } }))
    const read = async (ShardIterator?: string, Limit?: number) => {
      const answer = await target.streams.send(new GetRecordsCommand({ ShardIterator, Limit }))
      return { ...answer, ids: answer.Records?.map(({ dynamodb }) => dynamodb?.Keys?.id?.S) }
    }
    const all = await read(await iterator(StreamArn, 'TRIM_HORIZON'))
    expect(all.ids).toEqual(['a', 'b', 'c', 'd'])
    const second = all.Records?.[1]?.dynamodb?.SequenceNumber
    expect((await read(await iterator(StreamArn, 'AT_SEQUENCE_NUMBER', second))).ids).toEqual(['b', 'c', 'd'])
    expect((await read(await iterator(StreamArn, 'AFTER_SEQUENCE_NUMBER', second))).ids).toEqual(['c', 'd'])
    expect((await read(latest)).ids).toEqual(['d'])

    const page = await read(await iterator(StreamArn, 'TRIM_HORIZON'), 3)
    expect(page.ids).toEqual(['a', 'b', 'c'])
    const rest = await read(page.NextShardIterator)
    expect(rest.ids).toEqual(['d'])
    expect((await read(rest.NextShardIterator)).ids).toEqual([])
  })

  test('bad requests are refused by name', async () => {
    const { StreamArn } = await target.table()
    const missing = `${StreamArn.slice(0, -1)}x`
    const { streams } = target
    expect((await failure(streams.send(new DescribeStreamCommand({ StreamArn: missing })))).name).toBe(
      'ResourceNotFoundException',
    )
    expect((await failure(iterator(StreamArn, 'SOMEWHERE' as ShardIteratorType))).name).toBe('ValidationException')
    expect((await failure(iterator(StreamArn, 'AT_SEQUENCE_NUMBER'))).name).toBe('ValidationException')
    const garbage = new GetRecordsCommand({ ShardIterator: 'garbage' })
    expect((await failure(streams.send(garbage))).name).toBe('ValidationException')
    const ShardIterator = await iterator(StreamArn, 'LATEST')
    expect((await failure(streams.send(new GetRecordsCommand({ ShardIterator, Limit: 1001 })))).name).toBe(
      'ValidationException',
    )
  })

  test('a cursor waits for the next write, goes on behind a record, and ends when it is closed', async () => {
    const { TableName, StreamArn } = await target.table()
    const put = (id: string) => target.documents.send(new PutCommand({ TableName, Item: { id } }))
    const latest = target.dynamodb.openStream(StreamArn, 'LATEST')
    await latest.opened
    const waiting = latest.next(10)
    await put('a')
    const [first] = await waiting
    expect(first?.dynamodb?.Keys).toEqual({ id: { S: 'a' } })
    await put('b')
    const afterSequenceNumber = first?.dynamodb?.SequenceNumber ?? ''
    const behind = target.dynamodb.openStream(StreamArn, { afterSequenceNumber })
    expect((await behind.next(10)).map(({ dynamodb }) => dynamodb?.Keys?.id?.S)).toEqual(['b'])
    const forever = behind.next(10)
    behind.close()
    expect(await forever).toEqual([])
    latest.close()
  })
})
