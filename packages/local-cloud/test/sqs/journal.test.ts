import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { createSqs } from '../../src/sqs/sqs.ts'
import { IDENTITY, temporaryFolder } from '../open-service.ts'

/** Queues on one state folder, as often as a process is started on it. */
async function startOn(path: string, clock: ManualClock) {
  const sqs = await createSqs({ clock, identity: IDENTITY, baseUrl: 'http://localhost', path })
  onTestFinished(() => sqs.close())
  const deadLetters = await sqs.createQueue({ QueueName: 'dead' })
  const RedrivePolicy = { deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount: 1 }
  const plain = await sqs.createQueue({ QueueName: 'plain', RedrivePolicy })
  const ordered = await sqs.createQueue({ QueueName: 'ordered.fifo', FifoQueue: true })
  return { sqs, deadLetters: deadLetters.queueArn, plain: plain.queueArn, ordered: ordered.queueArn }
}

const bodies = (records: { body: string }[]) => records.map(({ body }) => body)

test('messages outlive the process: also those delayed or received, and not those deleted or purged', async () => {
  const path = join(await temporaryFolder(), 'state', 'queues.jsonl')
  const clock = new ManualClock()
  const first = await startOn(path, clock)
  for (const body of ['deleted', 'received', 'waiting']) await first.sqs.send(first.plain, body)
  await first.sqs.send(first.plain, 'delayed', { delaySeconds: 60 })
  const [gone] = await first.sqs.receive(first.plain, { max: 1 })
  first.sqs.deleteMessages(first.plain, [gone?.receiptHandle ?? ''])
  await first.sqs.receive(first.plain, { max: 1 })
  for (const body of ['1', '2', '3']) {
    await first.sqs.send(first.ordered, body, { messageGroupId: 'g', messageDeduplicationId: body })
  }

  // The first is not closed: it was killed.
  await clock.advance(20_000)
  const second = await startOn(path, clock)
  expect(second.sqs.counts(second.plain)).toEqual({ visible: 2, inFlight: 0, delayed: 1 })
  expect(bodies(await second.sqs.receive(second.plain, { max: 10 }))).toEqual(['received', 'waiting'])
  await clock.advance(39_999)
  expect(second.sqs.counts(second.plain).delayed).toBe(1)
  await clock.advance(1)
  expect(bodies(await second.sqs.receive(second.plain, { max: 10 }))).toContain('delayed')
  await second.sqs.send(second.ordered, '4', { messageGroupId: 'g', messageDeduplicationId: '4' })
  const turns = await second.sqs.receive(second.ordered, { max: 10 })
  expect(bodies(turns)).toEqual(['1', '2', '3', '4'])
  const numbers = turns.map(({ attributes }) => BigInt(attributes.SequenceNumber ?? 0))
  expect(numbers).toEqual([...numbers].sort((a, b) => Number(a - b)))
  expect(new Set(numbers).size).toBe(4)
})

test('a dead letter lies in its queue after a restart, and nowhere else', async () => {
  const path = join(await temporaryFolder(), 'queues.jsonl')
  const clock = new ManualClock()
  const first = await startOn(path, clock)
  await first.sqs.send(first.plain, 'poison')
  await first.sqs.receive(first.plain, { max: 1 })
  await clock.advance(30_000)
  const received = first.sqs.receive(first.plain, { max: 1 })
  await first.sqs.send(first.plain, 'next')
  expect(bodies(await received)).toEqual(['next'])
  const second = await startOn(path, clock)
  expect(bodies(await second.sqs.receive(second.deadLetters, { max: 10 }))).toEqual(['poison'])
  expect(bodies(await second.sqs.receive(second.plain, { max: 10 }))).toEqual(['next'])
})

test('the journal is written anew when most of it is history; a torn last line is none', async () => {
  const path = join(await temporaryFolder(), 'queues.jsonl')
  const clock = new ManualClock()
  const { sqs, plain } = await startOn(path, clock)
  await sqs.send(plain, 'kept')
  const [kept] = await sqs.receive(plain, { max: 1 })
  for (let n = 0; n < 600; n++) {
    await sqs.send(plain, `message ${n}`)
    const [message] = await sqs.receive(plain, { max: 1 })
    sqs.deleteMessages(plain, [message?.receiptHandle ?? ''])
  }
  expect(kept?.body).toBe('kept')
  expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThan(600)
  await appendFile(path, '["add","plain",{"mess')
  const second = await startOn(path, clock)
  expect(second.sqs.counts(second.plain)).toMatchObject({ visible: 1 })
})

test('a damaged journal is named', async () => {
  const path = join(await temporaryFolder(), 'queues.jsonl')
  await writeFile(path, '{\n[]\n')
  await expect(startOn(path, new ManualClock())).rejects.toThrow(`${path} must have a line of JSON for each change`)
})
