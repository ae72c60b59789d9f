import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { startSqs } from './sqs-world.ts'

describe('a standard queue', () => {
  test('hands a message over, and forgets it when it is deleted', async () => {
    const { client, sqs, queueArn, QueueUrl, send, receive } = await startSqs()
    expect(QueueUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/000000000000\/orders$/)
    const attributes = { kind: { DataType: 'String', StringValue: 'x' } }
    const { MessageId } = await send('one', { MessageAttributes: attributes })
    const [message] = await receive({ MessageAttributeNames: ['All'] })
    expect(message).toMatchObject({
      MessageId,
      Body: 'one',
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes: attributes,
    })
    expect(sqs.counts(queueArn)).toEqual({ visible: 0, inFlight: 1, delayed: 0 })
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }))
    expect(sqs.counts(queueArn)).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  })

  test('shows a message again after its visibility timeout, or sooner or later on request', async () => {
    const { clock, client, QueueUrl, send, receive, bodies } = await startSqs({ VisibilityTimeout: 60 })
    await send('one')
    const [first] = await receive()
    await clock.advance(59_999)
    expect(await bodies()).toEqual([])
    await clock.advance(1)
    const [second] = await receive()
    expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } })
    const change = { QueueUrl, ReceiptHandle: second?.ReceiptHandle }
    await client.send(new ChangeMessageVisibilityCommand({ ...change, VisibilityTimeout: 90 }))
    await clock.advance(89_000)
    expect(await bodies()).toEqual([])
    await client.send(new ChangeMessageVisibilityCommand({ ...change, VisibilityTimeout: 0 }))
    expect(await bodies()).toEqual(['one'])
  })

  test('delays by its own setting or by the message’s, on the clock', async () => {
    const { clock, send, bodies } = await startSqs({ DelaySeconds: 5 })
    await send('queue')
    await send('message', { DelaySeconds: 900 })
    await send('none', { DelaySeconds: 0 })
    expect(await bodies()).toEqual(['none'])
    await clock.advance(5_000)
    expect(await bodies()).toEqual(['queue'])
    await clock.advance(894_999)
    expect(await bodies()).not.toContain('message')
    await clock.advance(1)
    expect(await bodies()).toContain('message')
  })

  test('ends a long poll when a message comes, and when the time is up', async () => {
    const { clock, send, receive } = await startSqs()
    const first = receive({ WaitTimeSeconds: 20 })
    await send('one')
    expect((await first).map(({ Body }) => Body)).toEqual(['one'])
    const second = receive({ WaitTimeSeconds: 20 })
    await clock.untilTimer(20_000)
    await clock.advance(20_000)
    expect(await second).toEqual([])
  })

  test('keeps a message from a client that hung up', async () => {
    const { clock, sqs, queueArn, send, receive } = await startSqs()
    const hangUp = new AbortController()
    const poll = receive({ WaitTimeSeconds: 20 }, hangUp.signal)
    await clock.untilTimer(20_000)
    hangUp.abort()
    await expect(poll).rejects.toMatchObject({ name: 'AbortError' })
    await clock.untilNoTimer(20_000)
    await send('one')
    expect(sqs.counts(queueArn)).toEqual({ visible: 1, inFlight: 0, delayed: 0 })
  })

  test('moves a message to the dead-letter queue after maxReceiveCount receives', async () => {
    const dead = 'arn:aws:sqs:us-east-1:000000000000:dead'
    const { clock, sqs, send, bodies } = await startSqs({
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: dead, maxReceiveCount: 2 },
    })
    await sqs.createQueue({ QueueName: 'dead' })
    await send('poison')
    for (const _ of [1, 2]) {
      expect(await bodies()).toEqual(['poison'])
      await clock.advance(1_000)
    }
    expect(await bodies()).toEqual([])
    const [record] = await sqs.receive(dead, { max: 1 })
    expect(record).toMatchObject({ body: 'poison', eventSourceARN: dead })
  })

  test('drops a message after its retention period', async () => {
    const { clock, send, bodies } = await startSqs({ MessageRetentionPeriod: 60 })
    await send('old')
    await clock.advance(60_000)
    expect(await bodies()).toEqual([])
  })

  test('serves the group with the fewest messages in flight first', async () => {
    const { client, QueueUrl, receive } = await startSqs()
    const Entries = ['noisy', 'noisy', 'noisy', 'quiet'].map((group, index) => {
      return { Id: String(index), MessageBody: `${group} ${index}`, MessageGroupId: group }
    })
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    const [first] = await receive({ MaxNumberOfMessages: 1 })
    const [second] = await receive({ MaxNumberOfMessages: 1 })
    expect([first?.Body, second?.Body]).toEqual(['noisy 0', 'quiet 3'])
    expect(second?.Attributes).toMatchObject({ MessageGroupId: 'quiet' })
  })
})

describe('a FIFO queue', () => {
  const fifo = { FifoQueue: true, VisibilityTimeout: 30 }
  const to = (MessageGroupId: string, MessageDeduplicationId: string) => ({ MessageGroupId, MessageDeduplicationId })

  test('keeps a group in order and locked while one of its messages is in flight', async () => {
    const { clock, client, QueueUrl, send, receive, bodies } = await startSqs(fifo)
    await send('a1', to('a', '1'))
    await send('a2', to('a', '2'))
    await send('b1', to('b', '3'))
    const [a1] = await receive({ MaxNumberOfMessages: 1 })
    expect(a1?.Body).toBe('a1')
    expect(await bodies()).toEqual(['b1'])
    await clock.advance(30_000)
    const again = await receive()
    expect(again.map(({ Body }) => Body)).toEqual(['a1', 'a2', 'b1'])
    const Entries = again.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: Entries.slice(1) }))
    await send('a3', to('a', '4'))
    expect(await bodies()).toEqual([])
    await clock.advance(30_000)
    expect(await bodies()).toEqual(['a1', 'a3'])
  })

  test('wakes a waiting consumer when a delete unlocks a group', async () => {
    const { sqs, queueArn, send } = await startSqs(fifo)
    await send('a1', to('a', '1'))
    await send('a2', to('a', '2'))
    const [first] = await sqs.receive(queueArn, { max: 1 })
    const next = sqs.receive(queueArn, { max: 1 })
    sqs.deleteMessages(queueArn, [first?.receiptHandle ?? ''])
    expect((await next)[0]).toMatchObject({
      body: 'a2',
      attributes: { MessageGroupId: 'a', MessageDeduplicationId: '2', SequenceNumber: '00000000000000000002' },
    })
  })

  test('drops what it had in the last five minutes', async () => {
    const { clock, send, sqs, queueArn } = await startSqs({ ...fifo, ContentBasedDeduplication: true })
    const first = await send('same', { MessageGroupId: 'a' })
    expect((await send('same', { MessageGroupId: 'a' })).MessageId).toBe(first.MessageId)
    expect(sqs.counts(queueArn).visible).toBe(1)
    await clock.advance(5 * 60_000)
    await send('same', { MessageGroupId: 'a' })
    expect(sqs.counts(queueArn).visible).toBe(2)
  })

  test('refuses a message without a group', async () => {
    const { send } = await startSqs(fifo)
    await expect(send('x')).rejects.toMatchObject({ name: expect.stringMatching('MissingParameter') })
  })
})

describe('the functions’ side', () => {
  test('waits for a message, and gives it in the shape of a Lambda event', async () => {
    const { sqs, queueArn, clock } = await startSqs()
    const waiting = sqs.receive(queueArn, { max: 10 })
    const { messageId } = await sqs.send(queueArn, 'one', { messageGroupId: 'owner' })
    const now = String(clock.now())
    expect(await waiting).toEqual([
      {
        messageId,
        receiptHandle: expect.any(String),
        body: 'one',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: now,
          SenderId: '000000000000',
          ApproximateFirstReceiveTimestamp: now,
          MessageGroupId: 'owner',
        },
        messageAttributes: {},
        md5OfBody: 'f97c5d29941bfb1b2fdab0874906ab82',
        eventSource: 'aws:sqs',
        eventSourceARN: queueArn,
        awsRegion: 'us-east-1',
      },
    ])
  })

  test('can release a message, and be stopped while it waits', async () => {
    const { sqs, queueArn, clock } = await startSqs()
    await sqs.send(queueArn, 'one')
    const [record] = await sqs.receive(queueArn, { max: 1 })
    sqs.release(queueArn, [record?.receiptHandle ?? ''], 7)
    const again = sqs.receive(queueArn, { max: 1 })
    await clock.advance(7_000)
    expect((await again)[0]?.messageId).toBe(record?.messageId)
    const stop = new AbortController()
    const stopped = sqs.receive(queueArn, { max: 1, signal: stop.signal })
    stop.abort()
    expect(await stopped).toEqual([])
  })
})
