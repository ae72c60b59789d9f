import { describe, expect, test } from 'vitest'
import { change, failing, startStream, streamArn } from './stream-world.ts'

const dead = 'arn:aws:sqs:us-east-1:000000000000:dead'
const partial = { FunctionResponseTypes: ['ReportBatchItemFailures'] }
const onFailure = { DestinationConfig: { OnFailure: { Destination: dead } } }
const records = (...numbers: number[]) => numbers.map((number) => change(number))

describe('batches of a stream', () => {
  test('hold what is there, up to the batch size, in order', async () => {
    const { stream, batches, until } = startStream({ BatchSize: 2 })
    stream.write(...records(1, 2, 3))
    await until(() => batches.flat().length === 3)
    expect(batches).toEqual([['1', '2'], ['3']])
  })

  test('go out one after the other', async () => {
    let running = 0
    let most = 0
    const { stream, batches, until } = startStream({ BatchSize: 1 }, async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
    })
    stream.write(...records(1, 2, 3))
    await until(() => batches.length === 3)
    expect([batches, most]).toEqual([[['1'], ['2'], ['3']], 1])
  })

  test('wait for the batching window, or until they are full', async () => {
    const { clock, stream, batches, until } = startStream({ BatchSize: 3, MaximumBatchingWindowInSeconds: 5 })
    stream.write(...records(1))
    await clock.untilTimer(5_000)
    stream.write(...records(2))
    await clock.advance(4_999)
    expect(batches).toEqual([])
    await clock.advance(1)
    await until(() => batches.length === 1)
    stream.write(...records(3, 4, 5))
    await until(() => batches.length === 2)
    expect(batches).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ])
  })

  test('leave out what the filter does not want', async () => {
    const filter = { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"status":{"S":["PENDING"]}}}}' }] }
    const { stream, batches, until } = startStream({ FilterCriteria: filter })
    stream.write(...['PENDING', 'COMPLETE', 'PENDING'].map((S, index) => change(index, { status: { S } })))
    await until(() => batches.length === 1)
    expect(batches).toEqual([['0', '2']])
  })

  test('run beside each other with a parallelization factor, but never two of one item', async () => {
    const running = new Set<string>()
    let most = 0
    const order: Record<string, string[]> = {}
    const { stream, batches, until } = startStream(
      { BatchSize: 1, ParallelizationFactor: 10 },
      async (numbers, [record]) => {
        const key = record?.dynamodb?.Keys?.id?.S ?? ''
        if (running.has(key)) throw new Error(`two of ${key}`)
        running.add(key)
        most = Math.max(most, running.size)
        order[key] = [...(order[key] ?? []), ...numbers]
        await new Promise((resolve) => setImmediate(resolve))
        running.delete(key)
      },
    )
    const keys = ['a', 'b', 'c', 'd']
    stream.write(...Array.from({ length: 40 }, (_, index) => change(index, {}, keys[index % 4])))
    await until(() => batches.length === 40)
    expect(most).toBeGreaterThan(1)
    expect(Object.values(order)).toEqual(
      [0, 1, 2, 3].map((first) => Array.from({ length: 10 }, (_, n) => `${first + 4 * n}`)),
    )
  })

  test('come no more after stop, not even those that wait', async () => {
    const { clock, stream, batches, mapping } = startStream({ MaximumBatchingWindowInSeconds: 5 })
    stream.write(...records(1))
    await clock.untilTimer(5_000)
    await mapping.stop()
    await clock.advance(5_000)
    expect(batches).toEqual([])
  })
})

describe('a batch of a stream that fails', () => {
  test('is tried again, ever later, and blocks what comes behind it', async () => {
    let failures = 3
    const { stream, batches, until, passBackoff } = startStream({ BatchSize: 2 }, () => {
      if (failures-- > 0) throw new Error('no')
    })
    stream.write(...records(1, 2, 3))
    await passBackoff(100)
    await passBackoff(200)
    await passBackoff(400)
    await until(() => batches.length === 5)
    expect(batches).toEqual([['1', '2'], ['1', '2'], ['1', '2'], ['1', '2'], ['3']])
  })

  test('is given up after its retries, and the destination is told where it is', async () => {
    const properties = { BatchSize: 2, MaximumRetryAttempts: 1, ...onFailure }
    const { clock, stream, batches, sent, until, passBackoff } = startStream(properties, (numbers) => {
      if (numbers.includes('1')) throw new Error('no')
    })
    stream.write(...records(1, 2, 3))
    await passBackoff(100)
    await until(() => batches.length === 3)
    expect(batches).toEqual([['1', '2'], ['1', '2'], ['3']])
    const arrival = new Date((change(1).dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString().slice(0, 16)
    expect(sent).toEqual([
      {
        queueArn: dead,
        message: {
          requestContext: {
            requestId: 'request',
            functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:publish',
            condition: 'RetryAttemptsExhausted',
            approximateInvokeCount: 2,
          },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          version: '1.0',
          timestamp: new Date(clock.now()).toISOString(),
          DDBStreamBatchInfo: {
            shardId: 'shardId-00000001',
            startSequenceNumber: '1',
            endSequenceNumber: '2',
            approximateArrivalOfFirstRecord: expect.stringContaining(arrival.slice(0, 13)),
            approximateArrivalOfLastRecord: expect.stringContaining(arrival.slice(0, 13)),
            batchSize: 2,
            streamArn,
          },
        },
      },
    ])
  })

  test('is split on request, so that only the poison record is given up', async () => {
    const properties = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0, ...onFailure }
    const { stream, batches, sent, until, passBackoff } = startStream(properties, (numbers) => {
      if (numbers.includes('3')) throw new Error('poison')
    })
    stream.write(...records(1, 2, 3, 4))
    await passBackoff(100)
    await passBackoff(100)
    await until(() => batches.length === 5)
    expect(batches).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['4']])
    expect(sent.map(({ message }) => message.DDBStreamBatchInfo)).toMatchObject([
      { startSequenceNumber: '3', batchSize: 1 },
    ])
  })

  test('is given up when it is too old', async () => {
    const properties = { MaximumRecordAgeInSeconds: 60, ...onFailure }
    const { clock, stream, batches, sent, until } = startStream(properties, () => {
      throw new Error('no')
    })
    stream.write(...records(1))
    await clock.untilTimer(100)
    await clock.advance(120_000)
    await until(() => sent.length === 1)
    expect(sent[0]?.message).toMatchObject({ requestContext: { condition: 'RecordAgeExceeded' } })
    expect(batches.length).toBeGreaterThanOrEqual(1)
  })
})

describe('a partial batch response of a stream', () => {
  test('goes on from the lowest failed record, with all that come after it', async () => {
    const { stream, batches, until, passBackoff } = startStream(partial, (numbers) => {
      return numbers.length === 4 ? failing(3, 2) : failing()
    })
    stream.write(...records(1, 2, 3, 4))
    await passBackoff(100)
    await until(() => batches.length === 2)
    expect(batches).toEqual([
      ['1', '2', '3', '4'],
      ['2', '3', '4'],
    ])
  })

  test('is the place where a batch is split', async () => {
    const properties = { ...partial, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 }
    const { stream, batches, until, passBackoff } = startStream(properties, (numbers) => {
      return numbers.includes('3') ? failing(3) : failing()
    })
    stream.write(...records(1, 2, 3, 4))
    await passBackoff(100)
    await passBackoff(100)
    await until(() => batches.length === 4)
    expect(batches).toEqual([['1', '2', '3', '4'], ['3', '4'], ['3'], ['4']])
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('of %s means that all went well', async (_, answer) => {
    const { stream, batches, until } = startStream({ ...partial, BatchSize: 2 }, () => answer)
    stream.write(...records(1, 2, 3))
    await until(() => batches.length === 2)
    expect(batches).toEqual([['1', '2'], ['3']])
  })

  test.each([
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: '9' }] }],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null id', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['another key', { batchItemFailures: [{ id: '2' }] }],
    ['no list', { batchItemFailures: 'x' }],
  ])('with %s fails the whole batch', async (_, answer) => {
    let answers = 0
    const { stream, batches, until, passBackoff } = startStream(partial, () => (answers++ === 0 ? answer : null))
    stream.write(...records(1, 2))
    await passBackoff(100)
    await until(() => batches.length === 2)
    expect(batches).toEqual([
      ['1', '2'],
      ['1', '2'],
    ])
  })

  test('counts for nothing when the mapping does not ask for it', async () => {
    const { stream, batches, until } = startStream({ BatchSize: 1 }, () => failing(1))
    stream.write(...records(1, 2))
    await until(() => batches.length === 2)
    expect(batches).toEqual([['1'], ['2']])
  })
})
