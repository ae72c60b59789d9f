import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test } from 'vitest'
import { startCloud } from '../src/start-cloud.ts'
import { temporaryFolder } from './open-service.ts'

const app = `"${process.execPath}" --conditions=source "${join(import.meta.dirname, 'start-cloud/foreign-app.ts')}"`

async function start(state: string) {
  const cloud = await startCloud({ app, sources: [join(import.meta.dirname, 'start-cloud')], state })
  onTestFinished(() => cloud.close())
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const sqs = new SQSClient({ endpoint: cloud.url, region: 'us-east-1', credentials, maxAttempts: 1 })
  const send = (DelaySeconds: number) =>
    sqs.send(new SendMessageCommand({ QueueUrl: cloud.outputs.QueueUrl, MessageBody: 'order', DelaySeconds }))
  return { cloud, send }
}

test('a second start in the same folder is refused in a line, and touches nothing of the first', async () => {
  const state = join(await temporaryFolder(), 'state')
  const first = await start(state)
  await first.send(900)
  const journal = join(state, 'queues.jsonl')
  const { ino } = statSync(journal)
  await expect(start(state)).rejects.toThrow(`${state} is in use by another process: stop that one, or name another`)
  expect(statSync(journal).ino).toBe(ino)
  await first.send(900)
  expect(readFileSync(journal, 'utf8').trim().split('\n')).toHaveLength(2)
  await first.cloud.close()
  const again = await start(state)
  await again.cloud.close()
})

test('nobody else on the machine can read what is kept, or act as the stack', async () => {
  const state = join(await temporaryFolder(), 'state')
  const { cloud } = await start(state)
  expect(statSync(state).mode & 0o777).toBe(0o700)
  for (const file of ['credentials', 'queues.jsonl', 'cognito/signing-key.json']) {
    expect(`${file} ${(statSync(join(state, file)).mode & 0o777).toString(8)}`).toBe(`${file} 600`)
  }
  expect(readFileSync(join(state, 'credentials'), 'utf8')).toContain(cloud.credentials.secretAccessKey)
})
