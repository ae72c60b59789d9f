import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScriptedTry } from '../../local/scripted-model.ts'
import { MINUTE, say, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A turn that takes nine minutes: the model speaks ten words, and then calls the tool. */
const longTurn: ScriptedTry = { does: 'call', tool: 'look', input: { what: 'far' }, words: 10, everyMs: 54_000 }

test('an agent of forty minutes runs on functions of fifteen, and pays again only for a call that was cut off', async () => {
  const { changes, cloud, create, model, read, states } = world
  await create('long', [longTurn, longTurn, longTurn, longTurn, say(30_000)], { queryType: 'long' })
  await cloud.advance(90 * MINUTE)
  expect(await read('long')).toMatchObject({ status: 'COMPLETE', attempt: 1, error: null })
  const slices = Math.max(...changes.filter(({ id }) => id === 'long').map(({ claims }) => claims))
  expect(slices).toBeGreaterThanOrEqual(3)
  expect(states('long').filter((state) => state === 'PENDING')).toHaveLength(slices)
  // Five turns, and one call for each function whose time ended in the middle of a turn.
  expect(model.calls('long')).toBeGreaterThanOrEqual(5)
  expect(model.calls('long')).toBeLessThanOrEqual(5 + slices - 1)
})

test('a cancelled job lets go of the model within two seconds, and what it had said stays', async () => {
  const { cancel, cloud, create, model, row } = world
  await create('regretted', [say(1_000, 300)])
  await cloud.advance(30_000)
  expect(model.running('regretted')).toBe(1)
  const { job } = await cancel('regretted')
  expect(job).toMatchObject({ status: 'CANCELLED' })
  await cloud.advance(2_000)
  expect(model.running('regretted')).toBe(0)
  const { partialResult } = (await row('regretted')) as { partialResult?: { S: string } }
  expect(JSON.parse(partialResult?.S as string).text.length).toBeGreaterThan(20)
})

test.each([
  ['within the delay that a queue gives', 10 * MINUTE],
  ['far beyond it', 26 * 60 * MINUTE + 7_000],
  // A day of sweeps is much work for a machine that has other work too.
])('a delayed job starts on the second: %s', { timeout: 120_000 }, async (_, delay) => {
  const { clock, cloud, create, row } = world
  const id = `delayed-${delay}`
  const runAt = Math.floor(clock.now() / 1000) * 1000 + delay
  await create(id, [say(0)], { runAt: new Date(runAt).toISOString() })
  await cloud.advance(delay + MINUTE)
  const { startedAt, status } = (await row(id)) as { startedAt?: { S: string }; status: { S: string } }
  expect(status.S).toBe('COMPLETE')
  const late = Date.parse(startedAt?.S as string) - runAt
  expect(late).toBeGreaterThanOrEqual(-1_000)
  expect(late).toBeLessThanOrEqual(1_000)
})

test('what was not started by its deadline ends EXPIRED, and costs no call to the model', async () => {
  const { clock, cloud, create, model, read } = world
  // A turn of the same session is before it for longer than it may wait.
  await create('before', [say(20_000, 30)], { sessionId: 'queue' })
  const deadline = new Date(clock.now() + 3 * MINUTE).toISOString()
  await create('expired', [say(0)], { sessionId: 'queue', deadline })
  await cloud.advance(30 * MINUTE)
  expect(await read('before')).toMatchObject({ status: 'COMPLETE' })
  expect(await read('expired')).toMatchObject({ status: 'FAILED', error: { code: 'EXPIRED' } })
  expect(model.calls('expired')).toBe(0)
})
