import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { startSqs } from './sqs-world.ts'

describe('the SQS API', () => {
  test('creates, finds, lists, changes, purges and deletes queues', async () => {
    const { client, sqs, queueArn, send, QueueUrl } = await startSqs()
    const made = await client.send(
      new CreateQueueCommand({ QueueName: 'more', Attributes: { VisibilityTimeout: '7' } }),
    )
    expect(await client.send(new GetQueueUrlCommand({ QueueName: 'more' }))).toMatchObject({ QueueUrl: made.QueueUrl })
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl, made.QueueUrl])
    await client.send(new SetQueueAttributesCommand({ QueueUrl: made.QueueUrl, Attributes: { DelaySeconds: '3' } }))
    const asked = { QueueUrl: made.QueueUrl, AttributeNames: ['All' as const] }
    expect((await client.send(new GetQueueAttributesCommand(asked))).Attributes).toMatchObject({
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:more',
      VisibilityTimeout: '7',
      DelaySeconds: '3',
      ApproximateNumberOfMessages: '0',
    })
    await send('x')
    await client.send(new PurgeQueueCommand({ QueueUrl }))
    expect(sqs.counts(queueArn).visible).toBe(0)
    await client.send(new DeleteQueueCommand({ QueueUrl: made.QueueUrl }))
    const gone = client.send(new GetQueueUrlCommand({ QueueName: 'more' }))
    await expect(gone).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
  })

  test('reports what is wrong with one message of a batch', async () => {
    const { client, QueueUrl } = await startSqs({ MaximumMessageSize: 1024 })
    const Entries = [
      { Id: 'a', MessageBody: 'ok' },
      { Id: 'b', MessageBody: 'x'.repeat(2000) },
    ]
    const { Successful, Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    expect([Successful?.map(({ Id }) => Id), Failed?.map(({ Id }) => Id)]).toEqual([['a'], ['b']])
  })

  test('names the queues there are when one is missing, and refuses a FIFO name on a standard queue', async () => {
    const { sqs } = await startSqs()
    await expect(sqs.receive('arn:aws:sqs:us-east-1:000000000000:x', { max: 1 })).rejects.toThrow('There are: orders')
    await expect(sqs.createQueue({ QueueName: 'x.fifo' })).rejects.toThrow('got x.fifo')
  })
})
