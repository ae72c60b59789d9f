import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { describe, expect, test } from 'vitest'
import { describeOnTargets, failure, indexedTable } from './targets.ts'

describeOnTargets('DynamoDB', ({ target, TableName, send, stored }) => {
  describe('indexes', () => {
    const due = async (shard: number, until: number, more = {}) =>
      (
        await send(
          new QueryCommand({
            TableName,
            IndexName: 'byDue',
            KeyConditionExpression: 'dueShard = :shard AND dueAt <= :until',
            ExpressionAttributeValues: { ':shard': shard, ':until': until },
            ...more,
          }),
        )
      ).Items

    test('a number key sorts as a number, only its own partition and only the keys come', async () => {
      const times = [999, 1_000, 1_732_000_000_000, -5, 0.5]
      await Promise.all(
        times.map((dueAt) =>
          send(new PutCommand({ TableName, Item: { id: `due${dueAt}`, dueShard: 1, dueAt, x: 1 } })),
        ),
      )
      await send(new PutCommand({ TableName, Item: { id: 'otherShard', dueShard: 2, dueAt: 1 } }))
      expect(await due(1, 1_000)).toEqual(
        [-5, 0.5, 999, 1_000].map((dueAt) => ({ id: `due${dueAt}`, dueShard: 1, dueAt })),
      )
      expect((await due(1, 1_000, { ScanIndexForward: false, Limit: 2 }))?.map((item) => item.dueAt)).toEqual([
        1_000, 999,
      ])
    })

    test('an item leaves the index when it loses a key, moves when the key changes, goes when it is deleted', async () => {
      const update = (UpdateExpression: string, values?: object) =>
        send(
          new UpdateCommand({
            TableName,
            Key: { id: 'sparse' },
            UpdateExpression,
            ExpressionAttributeValues: values as Record<string, unknown>,
          }),
        )
      await send(new PutCommand({ TableName, Item: { id: 'sparse', dueShard: 5, dueAt: 1 } }))
      expect(await due(5, 100)).toHaveLength(1)
      await update('SET dueAt = :at', { ':at': 50 })
      expect(await due(5, 100)).toEqual([{ id: 'sparse', dueShard: 5, dueAt: 50 }])
      await update('REMOVE dueAt')
      expect(await due(5, 100)).toEqual([])
      await update('SET dueAt = :at', { ':at': 7 })
      expect(await due(5, 100)).toHaveLength(1)
      await send(new DeleteCommand({ TableName, Key: { id: 'sparse' } }))
      expect(await due(5, 100)).toEqual([])
    })

    test('pages through an index and a scan without loss or repetition', async () => {
      const { TableName } = await target.table(indexedTable)
      const ids = Array.from({ length: 60 }, (_, n) => `item${n}`)
      for (let n = 0; n < 60; n += 20) {
        const puts = ids.slice(n, n + 20).map((id) => ({ PutRequest: { Item: { id, owner: 'me', createdAt: id } } }))
        await send(new BatchWriteCommand({ RequestItems: { [TableName]: puts } }))
      }
      const query = (ExclusiveStartKey?: Record<string, unknown>) =>
        send(
          new QueryCommand({
            TableName,
            IndexName: 'byOwner',
            KeyConditionExpression: '#owner = :me',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':me': 'me' },
            Limit: 7,
            ExclusiveStartKey,
          }),
        )
      const scan = (ExclusiveStartKey?: Record<string, unknown>) =>
        send(new ScanCommand({ TableName, Limit: 7, ExclusiveStartKey }))
      for (const page of [query, scan]) {
        const seen: string[] = []
        let start: Record<string, unknown> | undefined
        do {
          const {
            Items = [],
            LastEvaluatedKey,
          }: { Items?: Record<string, unknown>[]; LastEvaluatedKey?: typeof start } = await page(start)
          expect(Items.length).toBeLessThanOrEqual(7)
          seen.push(...Items.map((item) => String(item.id)))
          start = LastEvaluatedKey
        } while (start)
        expect(page === query ? seen : [...seen].sort()).toEqual([...ids].sort())
      }
    })

    test('a filter, a count, and a condition on the sort key', async () => {
      const { TableName } = await target.table(indexedTable)
      for (const [id, createdAt] of Object.entries({ a: '2026-01', b: '2026-02', c: '2025-12' })) {
        await send(new PutCommand({ TableName, Item: { id, owner: 'me', createdAt } }))
      }
      const query = {
        TableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#o = :me AND begins_with(createdAt, :year)',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':me': 'me', ':year': '2026' } as Record<string, string>,
      }
      expect(await send(new QueryCommand({ ...query, Select: 'COUNT' }))).toMatchObject({ Count: 2 })
      const filtered = await send(
        new QueryCommand({
          ...query,
          FilterExpression: 'id <> :b',
          ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':b': 'b' },
        }),
      )
      expect(filtered).toMatchObject({ Count: 1, ScannedCount: 2, Items: [{ id: 'a' }] })
    })
  })

  describe('transactions', () => {
    test('writes all or nothing, and says why for each item', async () => {
      await send(new PutCommand({ TableName, Item: { id: 't1', n: 1 } }))
      const items = (expected: number) => [
        { Put: { TableName, Item: { id: 't2' }, ConditionExpression: 'attribute_not_exists(id)' } },
        {
          Update: {
            TableName,
            Key: { id: 't1' },
            UpdateExpression: 'SET n = n + :one',
            ConditionExpression: 'n = :expected',
            ExpressionAttributeValues: { ':one': 1, ':expected': expected },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
          },
        },
        { ConditionCheck: { TableName, Key: { id: 'ghost' }, ConditionExpression: 'attribute_not_exists(id)' } },
      ]
      const error = await failure(send(new TransactWriteCommand({ TransactItems: items(99) })))
      expect(error).toMatchObject({
        name: 'TransactionCanceledException',
        message: expect.stringContaining('[None, ConditionalCheckFailed, None]'),
        CancellationReasons: [
          { Code: 'None' },
          {
            Code: 'ConditionalCheckFailed',
            Message: 'The conditional request failed',
            Item: { id: { S: 't1' }, n: { N: '1' } },
          },
          { Code: 'None' },
        ],
      })
      expect(await stored('t2')).toBeUndefined()

      await send(new TransactWriteCommand({ TransactItems: items(1) }))
      const { Responses } = await send(
        new TransactGetCommand({
          TransactItems: ['t1', 't2', 'ghost'].map((id) => ({ Get: { TableName, Key: { id } } })),
        }),
      )
      expect(Responses).toEqual([{ Item: { id: 't1', n: 2 } }, { Item: { id: 't2' } }, {}])
    })

    test('a repeated request token does the work once, and another request with it is refused', async () => {
      const ClientRequestToken = crypto.randomUUID()
      const add = (n: number) =>
        send(
          new TransactWriteCommand({
            ClientRequestToken,
            TransactItems: [
              {
                Update: {
                  TableName,
                  Key: { id: 'token' },
                  UpdateExpression: 'ADD n :n',
                  ExpressionAttributeValues: { ':n': n },
                },
              },
            ],
          }),
        )
      await add(1)
      await add(1)
      expect(await stored('token')).toEqual({ id: 'token', n: 1 })
      expect((await failure(add(2))).name).toBe('IdempotentParameterMismatchException')
    })

    test('two operations on one item are refused', async () => {
      const Put = { TableName, Item: { id: 'twice' } }
      const error = await failure(
        send(new TransactWriteCommand({ TransactItems: [{ Put }, { Delete: { TableName, Key: { id: 'twice' } } }] })),
      )
      expect(error).toMatchObject({
        name: 'ValidationException',
        message: 'Transaction request cannot include multiple operations on one item',
      })
    })
  })

  test('batch writes and batch gets, with the keys of a second table', async () => {
    const { TableName: other } = await target.table()
    await send(
      new BatchWriteCommand({
        RequestItems: {
          [TableName]: [{ PutRequest: { Item: { id: 'b1', n: 1 } } }, { DeleteRequest: { Key: { id: 'once' } } }],
          [other]: [{ PutRequest: { Item: { id: 'b2' } } }],
        },
      }),
    )
    const { Responses } = await send(
      new BatchGetCommand({
        RequestItems: {
          [TableName]: { Keys: [{ id: 'b1' }, { id: 'once' }], ProjectionExpression: 'n' },
          [other]: { Keys: [{ id: 'b2' }] },
        },
      }),
    )
    expect(Responses).toEqual({ [TableName]: [{ n: 1 }], [other]: [{ id: 'b2' }] })
  })
})
