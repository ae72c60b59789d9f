import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sweepOverdue } from '../../engine/sweep.ts'
import type { JobContext } from '../../sdk/agent.ts'
import { type EngineWorld, startEngine } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

/** An agent that goes on when the test says so. */
function heldAgent() {
  const running = Promise.withResolvers<JobContext>()
  const held = Promise.withResolvers<unknown>()
  const run = async (_input: object, job: JobContext) => {
    running.resolve(job)
    const reply = await held.promise
    await job.checkpoint(reply)
    return reply
  }
  return { run, running: running.promise, goOn: held.resolve }
}

const sweep = ({ table, clock, log }: EngineWorld) =>
  sweepOverdue(
    { jobs: table.jobs, sessionTable: world.table.sessions, defaultMaxAttempts: 3, clock, log },
    () => 60_000,
  )

/** Lets real calls of the table come to their end. */
async function idle(times = 20) {
  for (let n = 0; n < times; n++) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Lets time pass, second by second, until something is done. */
async function passUntil(done: Promise<unknown>) {
  let isDone = false
  const noted = done.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await idle(5)
    await world.clock.advance(1_000)
  }
  await noted
}

describe('a laptop that slept for 75 seconds, three times', () => {
  test('goes on with its job, in the same attempt, though the sweep wakes first', async () => {
    const { table, clock, put, runJob } = world
    await put({ maxAttempts: 1, dueShard: 0 })
    const { run, running, goOn } = heldAgent()
    const ended = runJob(run)
    const job = await running
    for (const _ of [1, 2, 3]) {
      await clock.advance(5_000)
      await idle()
      const renewed = table.ended('UpdateItemCommand')
      // The sweep was late as well: it is the first to see the lease that ran out.
      const lease = (await table.row('a')).leaseExpiresAt as number
      const swept = { done: Promise.resolve() }
      clock.after(1, () => {
        expect(lease).toBeLessThan(clock.now())
        swept.done = sweep(world)
      })
      await clock.jump(75_000)
      await renewed
      await idle()
      await passUntil(swept.done)
      expect(await table.row('a')).toMatchObject({ status: 'PROCESSING', attempt: 1, claims: 1 })
      expect(job.signal.aborted).toBe(false)
    }
    goOn('the reply')
    expect(await ended).toMatchObject({ status: 'COMPLETE', attempt: 1, claims: 1, resultData: '"the reply"' })
  })

  test('counts the time it slept for none of the time-out', async () => {
    const { clock, put, runJob } = world
    await put({ timeoutSeconds: 60 })
    const { run, running } = heldAgent()
    const ended = runJob(run)
    const job = await running
    for (const _ of [1, 2, 3]) {
      await clock.advance(15_000)
      await clock.jump(75_000)
    }
    expect(job.signal.aborted).toBe(false)
    await clock.advance(20_000)
    expect(await ended).toMatchObject({ status: 'FAILED', error: { code: 'TIMEOUT' } })
  })

  test('keeps the reply that came just before, though the lease ran out since', async () => {
    const { table, clock, put, runJob } = world
    await put({ maxAttempts: 1 })
    const { run, running, goOn } = heldAgent()
    const ended = runJob(run)
    await running
    goOn('just before')
    await clock.jump(75_000)
    expect(await ended).toMatchObject({ status: 'COMPLETE', attempt: 1, claims: 1 })
    expect(await table.checkpoints('a')).toMatchObject([{ data: '"just before"' }])
  })

  test('keeps its job though the first heartbeat after it fails', async () => {
    const { table, clock, put, runJob } = world
    await put({ maxAttempts: 1 })
    const { run, running, goOn } = heldAgent()
    const ended = runJob(run)
    const job = await running
    const { send } = table.documents
    table.documents.send = () => Promise.reject(new Error('ECONNRESET'))
    await clock.jump(75_000)
    await idle()
    table.documents.send = send
    expect(job.signal.aborted).toBe(false)
    goOn('on')
    expect(await ended).toMatchObject({ status: 'COMPLETE', attempt: 1, claims: 1 })
  })
})

test('a clock that is set back stops nobody, and gives nobody more time', async () => {
  const { clock, put, runJob } = world
  await put({ timeoutSeconds: 60 })
  const { run, running } = heldAgent()
  const ended = runJob(run)
  const job = await running
  await clock.advance(30_000)
  await clock.jump(-20_000)
  await clock.advance(29_000)
  expect(job.signal.aborted).toBe(false)
  await clock.advance(25_000)
  expect(await ended).toMatchObject({ status: 'FAILED', error: { code: 'TIMEOUT' } })
})

test('a worker that is dead does not profit from the grace of those that slept', async () => {
  const { table, clock, put } = world
  const lease = { claimToken: 'dead', leaseExpiresAt: clock.now(), attempt: 1, dueShard: 0, dueAt: clock.now() }
  await put({ status: 'PROCESSING', maxAttempts: 2, ...lease })
  const swept = sweep(world)
  await passUntil(swept)
  expect(await table.row('a')).toMatchObject({ status: 'PENDING', error: { code: 'WORKER_LOST' } })
})
