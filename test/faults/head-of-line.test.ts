import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE, say, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('a job of ten minutes does not hold up a hundred that came after it', async () => {
  const { cloud, create, read } = world
  await create('slow', [say(20_000, 30)])
  await cloud.advance(1_000)
  const ids = Array.from({ length: 100 }, (_, n) => `quick-${n}`)
  // The offered answer takes two seconds.
  for (const id of ids) await create(id, [say(200, 10)])
  await cloud.advance(MINUTE)
  const jobs = await Promise.all(ids.map(read))
  expect(jobs.filter(({ status }) => status !== 'COMPLETE')).toEqual([])
  expect(await read('slow')).toMatchObject({ status: 'PROCESSING', attempt: 1 })
  await cloud.advance(10 * MINUTE)
  expect(await read('slow')).toMatchObject({ status: 'COMPLETE', attempt: 1 })
})

test('a slow turn holds up the later ones of its own session, and of no other', async () => {
  const { changes, cloud, create, read } = world
  await create('turn-1', [say(10_000, 30)], { sessionId: 'mine' })
  await create('turn-2', [say(100)], { sessionId: 'mine' })
  await create('other', [say(100)], { sessionId: 'other' })
  await cloud.advance(MINUTE)
  expect(await read('turn-1')).toMatchObject({ status: 'PROCESSING' })
  expect(await read('turn-2')).toMatchObject({ status: 'PENDING' })
  expect(await read('other')).toMatchObject({ status: 'COMPLETE' })
  await cloud.advance(5 * MINUTE)
  const ended = changes.filter(({ id, to }) => id.startsWith('turn-') && to === 'COMPLETE').map(({ id }) => id)
  expect(ended).toEqual(['turn-1', 'turn-2'])
})

test('a worker that dies holds up its session for one run of a function, not for ever', async () => {
  const { cloud, create, read } = world
  await create('dying', [[{ does: 'die' }, { does: 'answer' }]], { sessionId: 'bereaved' })
  await create('waiting', [say(100)], { sessionId: 'bereaved' })
  await cloud.advance(20 * MINUTE)
  expect(await read('dying')).toMatchObject({ status: 'COMPLETE' })
  expect(await read('waiting')).toMatchObject({ status: 'COMPLETE' })
})
