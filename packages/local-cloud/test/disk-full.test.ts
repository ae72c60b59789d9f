import type fs from 'node:fs'
import { writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ManualClock } from '../src/clock.ts'
import { Level } from '../src/dynamodb/dynalite.ts'
import { createDynamoDb } from '../src/dynamodb/dynamodb.ts'
import { createS3 } from '../src/s3/s3.ts'
import { createSqs } from '../src/sqs/sqs.ts'
import { IDENTITY, serve, temporaryFolder } from './open-service.ts'

// The disk is broken here where the program calls it; a small tmpfs shows the same by hand.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return { ...real, writeSync: vi.fn(real.writeSync) }
})
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs.promises>()
  return { ...real, writeFile: vi.fn(real.writeFile) }
})

const FULL = Object.assign(new Error("ENOSPC: no space left on device, write '/home/me/state'"), { code: 'ENOSPC' })
const SAID = { message: expect.stringMatching(/^The state folder cannot be written: there is no room left/) }

test('a table refuses writes while the disk is full, answers reads, and goes on when there is room', async () => {
  const path = await temporaryFolder()
  const open = async () => {
    const dynamodb = createDynamoDb({ clock: new ManualClock(), identity: IDENTITY, path })
    return { dynamodb, client: new DynamoDBClient(await serve(dynamodb.handle)) }
  }
  const { client, dynamodb } = await open()
  const id = (text: string) => ({ id: { S: text } })
  const put = (text: string) => client.send(new PutItemCommand({ TableName: 'table', Item: id(text) }))
  await client.send(
    new CreateTableCommand({
      TableName: 'table',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  await put('before')

  const error = new Error('IO error: /home/me/state/000003.log: No space left on device')
  const disk = vi.spyOn(Level.prototype, 'batch').mockRejectedValue(error)
  await expect(put('under way')).rejects.toMatchObject({ name: 'InternalServerError', ...SAID })
  await expect(put('refused')).rejects.toMatchObject({ name: 'InternalServerError', ...SAID })
  const get = (text: string, from = client) => from.send(new GetItemCommand({ TableName: 'table', Key: id(text) }))
  expect((await get('before')).Item).toEqual(id('before'))
  expect((await get('refused')).Item).toBeUndefined()

  disk.mockRestore()
  await put('after')
  await dynamodb.close()
  const again = await open()
  onTestFinished(() => again.dynamodb.close())
  for (const text of ['before', 'under way', 'after']) expect((await get(text, again.client)).Item).toEqual(id(text))
  expect((await get('refused', again.client)).Item).toBeUndefined()
})

test('a queue refuses messages while the disk is full, gives what it has, and goes on when there is room', async () => {
  const path = join(await temporaryFolder(), 'queues.jsonl')
  const open = async () => {
    const sqs = await createSqs({ clock: new ManualClock(), identity: IDENTITY, baseUrl: 'http://localhost', path })
    const { queueUrl: QueueUrl, queueArn } = await sqs.createQueue({ QueueName: 'q' })
    return { sqs, QueueUrl, queueArn, client: new SQSClient(await serve(sqs.handle)) }
  }
  const { client, queueArn, QueueUrl, sqs } = await open()
  const send = (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl, MessageBody }))
  const receive = async () => (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body
  await send('before')

  const real = vi.mocked(writeSync).getMockImplementation() as unknown as (...to: unknown[]) => number
  vi.mocked(writeSync).mockImplementationOnce(((file: number, bytes: Buffer) => real(file, bytes, 0, 10)) as never)
  vi.mocked(writeSync).mockImplementationOnce(() => {
    throw FULL
  })
  await expect(send('refused')).rejects.toMatchObject({ name: 'InternalServerError', ...SAID })
  vi.mocked(writeSync).mockImplementationOnce(() => {
    throw FULL
  })
  const [taken] = await sqs.receive(queueArn, { max: 1 })
  sqs.deleteMessages(queueArn, [taken?.receiptHandle ?? ''])
  expect(await receive()).toBeUndefined()

  await send('after')
  await sqs.close()
  const again = await open()
  onTestFinished(() => again.sqs.close())
  const [left, ...others] = await again.sqs.receive(again.queueArn, { max: 10 })
  expect(left?.body).toBe('after')
  expect(others).toEqual([])
})

test('a bucket refuses an object while the disk is full', async () => {
  const s3 = createS3({ clock: new ManualClock(), path: await temporaryFolder() })
  s3.createBucket({ BucketName: 'b' })
  const client = new S3Client(await serve(s3.handle, 's3'))
  const put = () => client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'text' }))
  vi.mocked(writeFile).mockRejectedValueOnce(FULL)
  await expect(put()).rejects.toMatchObject({ name: 'InternalServerError', ...SAID })
  await put()
})
