import {
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../open-service.ts'
import { describeOnTargets, failure, indexedTable, startTarget } from './targets.ts'

describeOnTargets('DynamoDB', ({ target, send }) => {
  test('tables are described, listed and deleted', async () => {
    const { TableName, StreamArn } = await target.table(indexedTable)
    await send(new PutCommand({ TableName, Item: { id: 'x' } }))
    const { Table } = await target.client.send(new DescribeTableCommand({ TableName }))
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      ItemCount: 1,
      KeySchema: indexedTable.KeySchema,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      LatestStreamArn: StreamArn,
    })
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual(['byDue', 'byOwner'])
    expect(StreamArn).toContain(`:table/${TableName}/stream/${Table?.LatestStreamLabel}`)
    const listed = await target.client.send(new ListTablesCommand({ ExclusiveStartTableName: TableName.slice(0, -1) }))
    expect(listed.TableNames).toContain(TableName)
    await target.client.send(new DeleteTableCommand({ TableName }))
    expect(await failure(target.client.send(new DescribeTableCommand({ TableName })))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
    expect((await failure(send(new GetCommand({ TableName, Key: { id: 'x' } })))).name).toBe(
      'ResourceNotFoundException',
    )
  })

  test('time to live is switched on once', async () => {
    const { TableName } = await target.table()
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'ttl' }
    const before = await target.client.send(new DescribeTimeToLiveCommand({ TableName }))
    expect(before.TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED')
    const enable = new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })
    expect(await target.client.send(enable)).toMatchObject({ TimeToLiveSpecification })
    expect(await failure(target.client.send(enable))).toMatchObject({ message: 'TimeToLive is already enabled' })
    const after = await target.client.send(new DescribeTimeToLiveCommand({ TableName }))
    expect(after.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' })
  })

  test('a table from CloudFormation properties is made once and found again', async () => {
    const properties = {
      TableName: `Cfn-${crypto.randomUUID()}`,
      KeySchema: indexedTable.KeySchema,
      AttributeDefinitions: indexedTable.AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: indexedTable.GlobalSecondaryIndexes,
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }
    const made = await target.dynamodb.createTable(properties)
    expect(made.streamArn).toContain('/stream/')
    expect(await target.dynamodb.createTable(properties)).toEqual(made)
    const otherKey = { ...properties, KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }] }
    expect((await failure(target.dynamodb.createTable(otherKey))).message).toMatch(
      /has the key id \(S\) and the template wants owner \(S\).*(delete the folder|delete-table)/,
    )
    expect(
      (await failure(target.dynamodb.createTable({ ...properties, KinesisStreamSpecification: {} }))).message,
    ).toMatch(/KinesisStreamSpecification, which is not emulated/)
  })
})

describe('the embedded DynamoDB', () => {
  test('keeps rows, indexes and time to live over a restart, and fills a new index', async () => {
    const path = await temporaryFolder()
    const key = { KeySchema: indexedTable.KeySchema, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } }
    const [byOwner, byDue] = indexedTable.GlobalSecondaryIndexes
    const AttributeDefinitions = indexedTable.AttributeDefinitions.filter(
      ({ AttributeName = '' }) => !/^due/.test(AttributeName),
    )
    const table = { TableName: 'Orders', ...key, AttributeDefinitions, GlobalSecondaryIndexes: [byOwner] }
    const TableName = 'Orders'
    {
      await using before = await startTarget({ path })
      await before.dynamodb.createTable(table)
      await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          before.documents.send(
            new PutCommand({ TableName, Item: { id: `${n}`, owner: 'me', createdAt: 'x', dueShard: 1, dueAt: n } }),
          ),
        ),
      )
      await before.documents.send(new DeleteCommand({ TableName, Key: { id: '0' } }))
    }
    await using after = await startTarget({ path })
    await after.dynamodb.createTable({
      ...table,
      AttributeDefinitions: indexedTable.AttributeDefinitions,
      GlobalSecondaryIndexes: [byOwner, byDue],
    })
    const count = async (IndexName: string, KeyConditionExpression: string, value: unknown) =>
      (
        await after.documents.send(
          new QueryCommand({
            TableName,
            IndexName,
            KeyConditionExpression,
            ExpressionAttributeValues: { ':v': value },
          }),
        )
      ).Count
    expect(await count('byDue', 'dueShard = :v', 1)).toBe(49)
    expect((await after.documents.send(new ScanCommand({ TableName }))).Count).toBe(49)
    const described = await after.client.send(new DescribeTimeToLiveCommand({ TableName }))
    expect(described.TimeToLiveDescription?.AttributeName).toBe('ttl')
  })

  test('a restarted table goes on without being described again: its indexes, its expiries', async () => {
    const path = await temporaryFolder()
    let TableName: string
    {
      await using before = await startTarget({ path })
      TableName = (await before.table(indexedTable)).TableName
      const TimeToLiveSpecification = { Enabled: true, AttributeName: 'ttl' }
      await before.client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))
      const ttl = Math.floor(before.clock.now() / 1000)
      await before.documents.send(new PutCommand({ TableName, Item: { id: 'a', owner: 'me', createdAt: '1', ttl } }))
    }
    await using after = await startTarget({ path })
    const scan = async () => (await after.documents.send(new ScanCommand({ TableName, IndexName: 'byOwner' }))).Items
    expect(await scan()).toEqual([{ id: 'a', owner: 'me', createdAt: '1' }])
    await after.clock.advance(60_000)
    expect(await scan()).toEqual([])
  })

  test('says which folder is in use', async () => {
    const path = await temporaryFolder()
    await using first = await startTarget({ path })
    await first.table()
    await using second = await startTarget({ path })
    expect((await failure(second.dynamodb.call('ListTables', {}))).message).toContain(
      `The state folder ${path} cannot be opened, another process uses it`,
    )
  })

  test('adds an index to a table that has rows, and takes it away', async () => {
    await using target = await startTarget()
    const { TableName } = await target.table()
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'a', owner: 'me', createdAt: '1' } }))
    const Create = indexedTable.GlobalSecondaryIndexes[0]
    await target.client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: indexedTable.AttributeDefinitions.slice(0, 3),
        GlobalSecondaryIndexUpdates: [{ Create }],
      }),
    )
    const scan = new ScanCommand({ TableName, IndexName: 'byOwner' })
    expect((await target.documents.send(scan)).Items).toEqual([{ id: 'a', owner: 'me', createdAt: '1' }])
    const Delete = { IndexName: 'byOwner' }
    await target.client.send(new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete }] }))
    expect((await failure(target.documents.send(scan))).message).toContain('does not have the specified index')
  })

  test('accepts the GlobalTable shape', async () => {
    await using target = await startTarget()
    const { streamArn } = await target.dynamodb.createTable({
      TableName: 'Global',
      KeySchema: indexedTable.KeySchema,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      Replicas: [{ Region: 'us-east-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    })
    expect(streamArn).toContain('table/Global/stream/')
  })

  test.each([
    [
      'an unknown operation',
      { 'x-amz-target': 'DynamoDB_20120810.ExecuteStatement' },
      '{}',
      /ExecuteStatement is not emulated; there are: BatchGetItem/,
    ],
    ['no operation', {}, '{}', /x-amz-target must be like DynamoDB_20120810.GetItem/],
    ['no JSON', { 'x-amz-target': 'DynamoDB_20120810.GetItem' }, '{', /The body must be JSON/],
    [
      'no signature',
      { authorization: '', 'x-amz-target': 'DynamoDB_20120810.GetItem' },
      '{}',
      /missing Authentication/,
    ],
  ])('answers %s with 400 and a reason', async (_what, headers, body, message) => {
    await using target = await startTarget()
    const answer = await fetch(target.url, { method: 'POST', headers: { authorization: 'AWS4-x', ...headers }, body })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-amz-crc32')).toMatch(/^\d+$/)
    expect(await answer.json()).toMatchObject({ message: expect.stringMatching(message) })
  })

  test('a server that is not there is named', async () => {
    await using target = await startTarget({ remoteUrl: 'http://127.0.0.1:1' })
    expect((await failure(target.dynamodb.call('ListTables', {}))).message).toMatch(
      /The DynamoDB at http:\/\/127.0.0.1:1 does not answer .*start it, or leave the URL out/,
    )
  })
})
