import { setImmediate } from 'node:timers/promises'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
} from '@aws-sdk/client-dynamodb-streams'
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { ChangeLog } from '../../src/dynamodb/change-log.ts'
import { temporaryFolder } from '../open-service.ts'
import { failure, startTarget, type Target } from './targets.ts'

describe('the embedded streams', () => {
  test('a cursor wakes in the same turn of the event loop as the write', async () => {
    await using target = await startTarget()
    const { TableName, StreamArn } = await target.table()
    const cursor = target.dynamodb.openStream(StreamArn, 'LATEST')
    let woken = false
    void cursor.next(1).then(() => {
      woken = true
    })
    void target.dynamodb.call('PutItem', { TableName, Item: { id: { S: 'a' } } })
    await setImmediate()
    expect(woken).toBe(true)
  })

  test('time to live deletes an expired item within a minute, as the service', async () => {
    await using target = await startTarget()
    const { dynamodb, clock } = target
    const { streamArn = '' } = await dynamodb.createTable({
      TableName: 'Expiring',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    })
    const now = Math.floor(clock.now() / 1000)
    const put = (id: string, ttl: number | string) =>
      target.documents.send(new PutCommand({ TableName: 'Expiring', Item: { id, ttl } }))
    await put('soon', now + 30)
    await put('later', now + 90)
    await put('milliseconds', clock.now() + 30)
    await put('text', '1')
    await put('sixYearsAgo', now - 6 * 366 * 24 * 60 * 60)
    await put('renewed', now + 30)
    await put('renewed', now + 1_000)
    const cursor = target.dynamodb.openStream(streamArn, 'LATEST')
    await clock.advance(60_000)
    const expired = await cursor.next(10)
    expect(expired).toMatchObject([
      {
        eventName: 'REMOVE',
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: { Keys: { id: { S: 'soon' } }, OldImage: { id: { S: 'soon' } } },
      },
    ])
    await clock.advance(60_000)
    expect((await cursor.next(10)).map(({ dynamodb: d }) => d?.Keys?.id?.S)).toEqual(['later'])

    const ShardId = cursor.shardId
    const { ShardIterator } = await target.streams.send(
      new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    )
    const { Records } = await target.streams.send(new GetRecordsCommand({ ShardIterator }))
    expect(Records?.at(-1)?.userIdentity).toEqual({ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' })
    await target.documents.send(new DeleteCommand({ TableName: 'Expiring', Key: { id: 'renewed' } }))
    expect((await cursor.next(1))[0]).not.toHaveProperty('userIdentity')
  })

  test('records go after 24 hours, and iterators after 15 minutes', async () => {
    await using target = await startTarget()
    const { clock, streams } = target
    const { TableName, StreamArn } = await target.table()
    const put = (id: string) => target.documents.send(new PutCommand({ TableName, Item: { id } }))
    const slow = target.dynamodb.openStream(StreamArn, 'TRIM_HORIZON')
    await put('old')
    const oldest = { StreamArn, ShardId: slow.shardId, ShardIteratorType: 'TRIM_HORIZON' as const }
    const from = async (input: GetShardIteratorCommandInput) => {
      const { ShardIterator } = await streams.send(new GetShardIteratorCommand(input))
      return { ShardIterator }
    }
    const early = await from(oldest)
    const SequenceNumber = (await streams.send(new GetRecordsCommand(early))).Records?.[0]?.dynamodb?.SequenceNumber

    await clock.advance(15 * 60_000)
    expect((await streams.send(new GetRecordsCommand(early))).Records).toHaveLength(1)
    await clock.advance(1)
    expect((await failure(streams.send(new GetRecordsCommand(early)))).name).toBe('ExpiredIteratorException')

    await clock.advance(23.5 * 60 * 60_000)
    await put('young')
    const fresh = await from(oldest)
    await clock.advance(14 * 60_000)
    expect((await streams.send(new GetRecordsCommand(fresh))).Records).toHaveLength(2)
    await clock.advance(60_000)
    expect((await failure(streams.send(new GetRecordsCommand(fresh)))).name).toBe('TrimmedDataAccessException')
    const at = new GetShardIteratorCommand({ ...oldest, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })
    expect((await failure(streams.send(at))).name).toBe('TrimmedDataAccessException')
    const now = await from(oldest)
    expect((await streams.send(new GetRecordsCommand(now))).Records).toHaveLength(1)
    expect((await slow.next(10)).map(({ dynamodb }) => dynamodb?.Keys?.id?.S)).toEqual(['young'])
  })

  test('a stream that ends can be read to its end', async () => {
    await using target = await startTarget()
    const { TableName, StreamArn } = await target.table()
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'last' } }))
    const cursor = target.dynamodb.openStream(StreamArn, 'TRIM_HORIZON')
    await target.dynamodb.call('UpdateTable', { TableName, StreamSpecification: { StreamEnabled: false } })
    await target.documents.send(new PutCommand({ TableName, Item: { id: 'unseen' } }))
    expect((await cursor.next(10)).map(({ dynamodb }) => dynamodb?.Keys?.id?.S)).toEqual(['last'])
    expect(await cursor.next(10)).toEqual([])
    const { ShardIterator } = await target.streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId: cursor.shardId, ShardIteratorType: 'TRIM_HORIZON' }),
    )
    const { Records, NextShardIterator } = await target.streams.send(new GetRecordsCommand({ ShardIterator }))
    expect(Records).toHaveLength(1)
    expect(NextShardIterator).toBeUndefined()
  })

  test('records survive a restart, and new ones are numbered behind them', async () => {
    const path = await temporaryFolder()
    const table = {
      TableName: 'Kept',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }
    const put = (target: Target, id: string) =>
      target.documents.send(new PutCommand({ TableName: 'Kept', Item: { id } }))
    let done: string | undefined
    {
      await using before = await startTarget({ path })
      const { streamArn = '' } = await before.dynamodb.createTable(table)
      await put(before, 'done')
      await put(before, 'left')
      const cursor = before.dynamodb.openStream(streamArn, 'TRIM_HORIZON')
      done = (await cursor.next(1))[0]?.dynamodb?.SequenceNumber
    }
    // The computer's clock may have been set back.
    const clock = new ManualClock(Date.now() - 60 * 60_000)
    await using after = await startTarget({ path: path, clock })
    const { streamArn = '' } = await after.dynamodb.createTable(table)
    await put(after, 'new')
    const cursor = after.dynamodb.openStream(streamArn, { afterSequenceNumber: done ?? '' })
    const [left, fresh] = await cursor.next(10)
    expect([left, fresh].map((record) => record?.dynamodb?.Keys?.id?.S)).toEqual(['left', 'new'])
    const number = (record?: DynamoDBRecord) => BigInt(record?.dynamodb?.SequenceNumber ?? 0)
    expect(number(fresh)).toBeGreaterThan(number(left))
    const latest = after.dynamodb.openStream(streamArn, 'LATEST')
    await put(after, 'newer')
    expect((await latest.next(10)).map(({ dynamodb }) => dynamodb?.Keys?.id?.S)).toEqual(['newer'])
  })

  test('a long run forgets what every reader has had, and nothing that one has not', () => {
    const createdAt = Date.now()
    const settings = { arn: '', label: '', shardId: '', tableName: '', keySchema: [], createdAt }
    const log = new ChangeLog({ ...settings, viewType: 'NEW_IMAGE' })
    const [quick, slow] = [{ position: log.end }, { position: log.end }]
    log.readers.add(quick).add(slow)
    const newImage = 'x'.repeat(1024 * 1024)
    for (let n = 0; n < 100; n++) log.append({ at: createdAt, keys: '', newImage })
    quick.position = log.end
    slow.position += 10
    expect(log.trim(createdAt)).toHaveLength(10)
    log.readers.delete(slow)
    expect(log.trim(createdAt)).toHaveLength(26)
    expect(log.read(0, 1000)).toHaveLength(64)
  })
})
