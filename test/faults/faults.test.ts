import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MINUTE, say, startWorld, type World } from './world.ts'

let world: World
let lines: string[]

beforeAll(async () => {
  world = await startWorld({ log: (_, line) => lines.push(line) })
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => {
  lines = []
})

test('a function that is killed fails what it runs; the job starts again after its lease', async () => {
  const { cloud, create, model, read, states } = world
  await create('killed', [say(1_000, 30)])
  await cloud.advance(10_000)
  expect(model.running('killed')).toBe(1)
  await cloud.faults.killFunction('RunJob')
  await cloud.settle()
  expect(model.running('killed')).toBe(0)
  expect(await read('killed')).toMatchObject({ status: 'PROCESSING', attempt: 1 })
  await cloud.advance(5 * MINUTE)
  expect(await read('killed')).toMatchObject({ status: 'COMPLETE', attempt: 2 })
  expect(states('killed').filter((state) => state === 'COMPLETE')).toHaveLength(1)
  expect(model.calls('killed')).toBe(2)
})

test('a message that comes twice, at once or late, runs nothing twice', async () => {
  const { cloud, create, model, read } = world
  cloud.faults.duplicateNext('Normal')
  await create('twice', [say(1_000)])
  await cloud.settle()
  cloud.faults.duplicateNext('Normal', 2 * MINUTE)
  await create('twice-late', [say(1_000)])
  await cloud.advance(5 * MINUTE)
  expect(await read('twice')).toMatchObject({ status: 'COMPLETE', attempt: 1 })
  expect(await read('twice-late')).toMatchObject({ status: 'COMPLETE', attempt: 1 })
  expect([model.calls('twice'), model.calls('twice-late')]).toEqual([1, 1])
})

test('a message that comes late starts its job late', async () => {
  const { cloud, create, read } = world
  cloud.faults.delayNext('Normal', 2 * MINUTE)
  await create('late', [say(1_000)])
  await cloud.advance(2 * MINUTE - 1)
  expect(await read('late')).toMatchObject({ status: 'PENDING' })
  await cloud.advance(MINUTE)
  expect(await read('late')).toMatchObject({ status: 'COMPLETE', attempt: 1 })
})

test('a message may be overtaken by the next, and comes by itself when there is none', async () => {
  const { changes, cloud, create, read } = world
  cloud.faults.reorderNext('Normal')
  await create('overtaken', [say(100)])
  await cloud.settle()
  expect(await read('overtaken')).toMatchObject({ status: 'PENDING' })
  await create('overtaker', [say(100)])
  await cloud.advance(10_000)
  const ended = changes.filter(({ id, to }) => /overtake/.test(id) && to === 'COMPLETE').map(({ id }) => id)
  expect(ended).toEqual(['overtaker', 'overtaken'])
  cloud.faults.reorderNext('Normal')
  await create('alone', [say(100)])
  await cloud.advance(MINUTE)
  expect(await read('alone')).toMatchObject({ status: 'COMPLETE' })
})

test('stream records come twice, late, and out of order but for those of one job', async () => {
  const { cloud, create, pushed, untilPushed } = world
  const versions = (job: string) => pushed().flatMap(({ id, version }) => (id === job ? [version] : []))
  cloud.faults.duplicateNext('PublishChanges')
  await create('doubled', [say(100)])
  await cloud.advance(MINUTE)
  await untilPushed(({ id, status }) => id === 'doubled' && status === 'COMPLETE')
  expect(versions('doubled').length).toBeGreaterThan(new Set(versions('doubled')).size)
  cloud.faults.delayNext('PublishChanges', MINUTE)
  await create('pushed-late', [say(100)])
  await cloud.advance(MINUTE - 1)
  expect(versions('pushed-late')).toEqual([])
  await cloud.advance(MINUTE)
  await untilPushed(({ id, status }) => id === 'pushed-late' && status === 'COMPLETE')
  expect(versions('pushed-late')).toEqual([...versions('pushed-late')].sort((a, b) => a - b))
  cloud.faults.reorderNext('DispatchJobs')
  await create('second', [say(100)])
  await create('first', [say(100)])
  await cloud.advance(MINUTE)
  const claimed = world.changes.filter(({ id, to }) => /^(first|second)$/.test(id) && to === 'COMPLETE')
  expect(claimed.map(({ id }) => id)).toEqual(['first', 'second'])
})

test('writes are refused, done without an answer, or the last thing a worker did', async () => {
  const { cloud, create, read } = world
  cloud.faults.refuseWrites(1)
  const { errors } = await create('refused', [say(100)])
  expect(errors?.[0]?.errorType).toBe('DynamoDB:ProvisionedThroughputExceededException')
  cloud.faults.loseAnswers(1)
  expect((await create('refused', [say(100)])).errors?.[0]?.errorType).toBe('DynamoDB:InternalServerError')
  expect((await create('refused', [say(100)])).job).toMatchObject({ id: 'refused' })
  cloud.faults.refuseWrites(3)
  await cloud.advance(MINUTE)
  expect(await read('refused')).toMatchObject({ status: 'COMPLETE', attempt: 1 })
  await create('cut-short', [say(100)])
  cloud.faults.killAtWrite('RunJob', 1)
  await cloud.settle()
  expect(await read('cut-short')).toMatchObject({ status: 'PROCESSING', attempt: 1 })
  await cloud.advance(5 * MINUTE)
  expect(await read('cut-short')).toMatchObject({ status: 'COMPLETE', attempt: 2 })
})

test('the scripted model does each thing that a model may do, and counts its calls', async () => {
  const { cloud, create, model, read } = world
  const spoken = { words: 3, everyMs: 100 }
  await create('script', [
    [{ does: 'throttle', retryAfterSeconds: 7 }, { does: 'break' }, { does: 'garble', ...spoken }],
    [{ does: 'answer', value: { answer: 'yes' }, ...spoken }],
  ])
  await create('digs', [{ does: 'call', tool: 'look', input: { what: 'x' } }], { queryType: 'dig' })
  await create('dies', [[{ does: 'die' }, { does: 'answer' }]])
  await cloud.advance(30 * MINUTE)
  expect(await read('script')).toMatchObject({ status: 'COMPLETE', resultData: '{"answer":"yes"}' })
  expect(model.calls('script')).toBe(4)
  expect(await read('digs')).toMatchObject({ status: 'COMPLETE' })
  expect(await read('dies')).toMatchObject({ status: 'COMPLETE', attempt: 2 })
  expect(model.calls('dies')).toBe(2)
})

test('sockets are cut, and a name that fits nothing or too much is refused with what there is', async () => {
  const { cloud, create, pushed, subscribeAgain, untilPushed } = world
  cloud.faults.cutSockets()
  await create('unheard', [say(100)])
  await cloud.advance(MINUTE)
  expect(pushed().some(({ id }) => id === 'unheard')).toBe(false)
  await subscribeAgain()
  await create('heard', [say(100)])
  await cloud.advance(MINUTE)
  await untilPushed(({ id, status }) => id === 'heard' && status === 'COMPLETE')
  expect(() => cloud.faults.killFunction('o')).toThrow(/a part of one function's name only, got o; there are: .*RunJob/)
  expect(() => cloud.faults.delayNext('Nowhere', 1)).toThrow(/got Nowhere:\n.*AgentJob/)
})
