import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRunJob } from '../../engine/run/run-job.ts'
import { type EngineWorld, lambdaMs, startEngine } from './engine-world.ts'

const sessionKey = 'me#s'
let world: EngineWorld
let ran: boolean
beforeEach(async () => {
  world = await startEngine()
  ran = false
})
afterEach(() => world[Symbol.asyncDispose]())

/** Handles a message of job `a`, and answers with its row. */
async function receive(message: { sessionKey?: string } = { sessionKey }) {
  const runJob = createRunJob(
    world.engine(async () => {
      ran = true
      return 'done'
    }),
  )
  await runJob({ id: 'a', queryType: 'ask', ...message }, () => lambdaMs)
  return world.table.row('a')
}

test('the next turn of a session is taken, for one read more', async () => {
  await world.table.putSession({ sessionKey, turns: ['a', 'b'] })
  await world.put({ sessionKey })
  expect(await receive()).toMatchObject({ status: 'COMPLETE' })
  expect(world.table.calls.slice(0, 2)).toEqual(['GetItemCommand', 'UpdateItemCommand'])
})

test.each([[['b', 'a']], [['b']], [[]]])(
  'a turn of a session of %j is not: the message is done with',
  async (turns) => {
    await world.table.putSession({ sessionKey, turns })
    await world.put({ sessionKey })
    expect(await receive()).toMatchObject({ status: 'PENDING' })
    expect(ran).toBe(false)
  },
)

test.each([{}, { sessionKey: 'you#s' }])(
  "a message that does not know whose turn it is (%j) takes it only when it is the session's next",
  async (message) => {
    await world.table.putSession({ sessionKey: 'you#s', turns: ['a'] })
    await world.table.putSession({ sessionKey, turns: ['b', 'a'] })
    await world.put({ sessionKey })
    expect(await receive(message)).toMatchObject({ status: 'PENDING' })
    await world.table.putSession({ sessionKey, turns: ['a'] })
    expect(await receive(message)).toMatchObject({ status: 'COMPLETE' })
  },
)

test.each([undefined, 7, ''])('a row whose sessionKey is %j is no turn', async (none) => {
  await world.put(none === undefined ? {} : { sessionKey: none })
  expect(await receive({})).toMatchObject({ status: 'COMPLETE' })
})

test('a turn that comes too late is ended by the worker as well', async () => {
  await world.table.putSession({ sessionKey, turns: ['a'] })
  await world.put({ sessionKey, deadline: new Date(world.clock.now()).toISOString() })
  expect(await receive()).toMatchObject({ status: 'FAILED', error: { code: 'EXPIRED' } })
})
