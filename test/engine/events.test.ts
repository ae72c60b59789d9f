import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { describe, expect, test } from 'vitest'
import type { ClaimedJob } from '../../engine/job/job.ts'
import { readJob } from '../../engine/job/read-job.ts'
import type { Mutate } from '../../engine/push/mutations.ts'
import { appendAgentJobEvent } from '../../engine/push/mutations.ts'
import { createJobEvents } from '../../engine/run/events.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { recordingLog } from './recording-log.ts'

interface Event {
  seq: number
  type: string
  data: string
}
const never = () => Number.POSITIVE_INFINITY
const passing = new RetryLater({ code: 'X', message: 'busy', remediation: 'wait' })

function start(answer: (event: Event, tried: number) => Promise<void> | void = () => undefined) {
  const clock = new ManualClock()
  const log = recordingLog()
  const stored: Event[] = []
  const tried: number[] = []
  const mutate: Mutate = async (document, input) => {
    expect(document).toBe(appendAgentJobEvent)
    const event = input as Event
    tried.push(event.seq)
    await answer(event, tried.filter((seq) => seq === event.seq).length)
    stored.push(event)
  }
  const row = { id: 'a', owner: 'me', queryType: 'ask', status: 'PROCESSING', claims: 2, attempt: 1 }
  const job = readJob(row, new Date().toISOString()) as ClaimedJob
  const events = createJobEvents(job, { mutate, clock, random: () => 1, ttl: 99, log })
  const told = () => stored.map(({ seq, type, data }) => [seq, type, JSON.parse(data)])
  return { clock, log, stored, tried, events, told }
}

describe('text', () => {
  test('gathers for 200 ms and goes out as one event', async () => {
    const { clock, events, told } = start()
    for (const delta of ['The ', 'answer ', 'is 4.']) events.text(delta)
    await clock.advance(199)
    expect(told()).toEqual([])
    await clock.advance(1)
    expect(told()).toEqual([[2_000_001, 'TEXT', { text: 'The answer is 4.' }]])
  })

  test('goes out at once when there is a kilobyte of it', async () => {
    const { clock, events, told } = start()
    events.text('x'.repeat(1_024))
    await clock.advance(0)
    await events.close(never)
    expect(told()).toHaveLength(1)
  })

  test('gathers while a push is under way', async () => {
    const slow = Promise.withResolvers<void>()
    const { clock, events, told } = start(({ seq }) => (seq === 2_000_001 ? slow.promise : undefined))
    events.text('first')
    await clock.advance(200)
    for (const delta of [' second', ' third']) events.text(delta)
    slow.resolve()
    await events.close(never)
    expect(told().map(([, , data]) => data.text)).toEqual(['first', ' second third'])
  })

  test('that is too long for one push is cut, between characters', async () => {
    const { events, told } = start()
    const text = `a${'😀'.repeat(40_000)}`
    events.text(text)
    await events.close(never)
    const parts = told().map(([, , data]) => data.text as string)
    expect(parts.length).toBeGreaterThan(2)
    expect(parts.join('')).toBe(text)
    for (const part of parts) expect(part.isWellFormed()).toBe(true)
  })
})

test('all that an agent tells keeps its order, numbered without gaps', async () => {
  const { events, told } = start()
  events.text('Looking')
  events.add('TOOL_CALL', { toolUseId: 't', name: 'find', input: {} })
  events.add('TOOL_RESULT', { toolUseId: 't', output: [1] })
  events.text('Found')
  events.add('PROGRESS', { progress: 0.5, message: 'half' })
  await events.close(never)
  expect(told().map(([seq, type]) => [seq, type])).toEqual([
    [2_000_001, 'TEXT'],
    [2_000_002, 'TOOL_CALL'],
    [2_000_003, 'TOOL_RESULT'],
    [2_000_004, 'TEXT'],
    [2_000_005, 'PROGRESS'],
  ])
})

test('an event says whose it is, of which attempt, and when it goes', async () => {
  const { events, stored } = start()
  events.add('LOG', { level: 'INFO', message: 'hi' })
  await events.close(never)
  expect(stored[0]).toMatchObject({ jobId: 'a', owner: 'me', attempt: 1, ttl: 99 })
})

test('an append that fails is tried again, the ones behind it wait, and the end waits for all', async () => {
  const { clock, events, told, tried } = start((event, times) => {
    if (event.seq === 2_000_001 && times < 3) throw passing
  })
  events.add('LOG', { message: 'one' })
  events.add('LOG', { message: 'two' })
  let closed = false
  const closing = events.close(never).then(() => {
    closed = true
  })
  await clock.advance(50)
  expect(closed).toBe(false)
  await clock.advance(10_000)
  await closing
  expect(tried).toEqual([2_000_001, 2_000_001, 2_000_001, 2_000_002])
  expect(told().map(([, , data]) => data.message)).toEqual(['one', 'two'])
})

test('a refused event is named in the log and does not stop the next', async () => {
  const refusal = new PermanentFailure({ code: 'PUBLISH_REFUSED', message: 'Conflict: taken', remediation: 'none' })
  const { events, told, log } = start(({ seq }) => {
    if (seq === 2_000_001) throw refusal
  })
  events.add('LOG', { message: 'one' })
  events.add('LOG', { message: 'two' })
  await events.close(never)
  expect(told().map(([, , data]) => data.message)).toEqual(['two'])
  expect(log.lines.join()).toMatch(/ERROR An event was refused.*2000001.*Conflict: taken/)
})

test('events that the schema does not know yet wait for it, for a minute in all', async () => {
  const refusal = new PermanentFailure({ code: 'PUBLISH_NOT_IN_SCHEMA', message: 'no such field', remediation: 'none' })
  let isOld = true
  const { clock, events, told, log } = start(() => {
    if (isOld) throw refusal
  })
  for (const message of ['one', 'two', 'three']) events.add('LOG', { message })
  await clock.advance(30_000)
  isOld = false
  await clock.advance(5_000)
  expect(told().map(([, , data]) => data.message)).toEqual(['one', 'two', 'three'])
  isOld = true
  const begun = clock.now()
  for (const message of ['four', 'five', 'six']) events.add('LOG', { message })
  let closed = false
  const closing = events.close(never).then(() => {
    closed = true
  })
  while (!closed) await clock.advance(5_000)
  await closing
  expect(clock.now() - begun).toBeLessThan(75_000)
  expect(told()).toHaveLength(3)
  expect(log.lines.filter((line) => line.includes('An event was refused'))).toHaveLength(3)
})

test('the end does not wait beyond its deadline', async () => {
  const { clock, events, log } = start(() => {
    throw passing
  })
  events.add('LOG', { message: 'one' })
  const giveUpAt = clock.now() + 20_000
  const closing = events.close(() => giveUpAt)
  await clock.advance(30_000)
  await closing
  expect(log.lines.at(-1)).toMatch(/ERROR An event could not be stored in time/)
})

test('a large tool output is cut, and says so', async () => {
  const { events, told } = start()
  events.add('TOOL_RESULT', { toolUseId: 't', output: { page: 'x'.repeat(300_000) } })
  await events.close(never)
  const [[, , data]] = told() as [[number, string, { toolUseId: string; output: string; truncated: boolean }]]
  expect(data).toMatchObject({ toolUseId: 't', truncated: true })
  expect(data.output.length).toBeLessThan(50_000)
})

test('data that is no JSON fails where the agent hands it in', () => {
  const { events } = start()
  const circular: Record<string, unknown> = {}
  circular.self = circular
  expect(() => events.add('LOG', circular)).toThrow(/circular/)
})
