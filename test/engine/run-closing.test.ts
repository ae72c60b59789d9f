import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handOverDead } from '../../engine/hand-over-dead.ts'
import { createRunJob } from '../../engine/run/run-job.ts'
import { type EngineWorld, lambdaMs, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

describe('a worker whose host shuts down', () => {
  test('stores what it has and gives its job back, in the same attempt', async () => {
    const { clock, put, runJob } = world
    await put({ maxAttempts: 1 })
    for (const stop of [1, 2, 3]) {
      const closing = new AbortController()
      const { run, running } = waitingAgent((job) => {
        job.partial(`half of ${stop}`)
        job.progress(0.5)
      })
      const ended = runJob(
        async (input, job) => {
          await job.checkpoint(stop)
          return run(input, job)
        },
        { closing: closing.signal },
      )
      const job = await running
      await clock.advance(1_000)
      closing.abort()
      const row = await ended
      expect(row).toMatchObject({ status: 'PENDING', attempt: 0, partialResult: `"half of ${stop}"`, progress: 0.5 })
      expect(row).toMatchObject({ elapsedMs: stop * 1_000, dueAt: clock.now() + 300_000 })
      for (const name of ['claimToken', 'leaseExpiresAt', 'runAt', 'error']) expect(row).not.toHaveProperty(name)
      expect(job.signal.aborted).toBe(true)
      expect(clock.waiting).toBe(0)
    }
    const row = await runJob(async (_input, job) => job.resumed)
    expect(row).toMatchObject({ status: 'COMPLETE', attempt: 1, resultData: '3' })
  })

  test('gives back a job without a checkpoint too, and does not count its time', async () => {
    const { clock, put, runJob } = world
    await put({ maxAttempts: 1, elapsedMs: 5_000 })
    const closing = new AbortController()
    const { run, running } = waitingAgent()
    const ended = runJob(run, { closing: closing.signal })
    await running
    await clock.advance(10_000)
    closing.abort()
    expect(await ended).toMatchObject({ status: 'PENDING', attempt: 0, elapsedMs: 5_000 })
  })

  test('does not wait for an API that is down', async () => {
    const { clock, put, runJob } = world
    await put()
    const closing = new AbortController()
    const { run, running } = waitingAgent((job) => job.emit('hello'))
    const down = async () => {
      throw new Error('ECONNREFUSED')
    }
    const ended = runJob(run, { closing: closing.signal, mutate: down })
    await running
    closing.abort()
    await clock.advance(2_000)
    expect(await ended).toMatchObject({ status: 'PENDING', attempt: 0 })
  })

  test('takes no job any more: the message must come again', async () => {
    const { put, engine, table } = world
    await put()
    const runJob = createRunJob(engine(async () => 1, { closing: AbortSignal.abort() }))
    await expect(runJob({ id: 'a' }, () => lambdaMs)).rejects.toThrow('shuts down')
    expect(await table.row('a')).toMatchObject({ status: 'PENDING' })
  })
})

test('a host that starts again after it died gives the jobs of its dead workers back, and nobody else', async () => {
  const { clock, put, runJob, table } = world
  await put({ maxAttempts: 1, dueShard: 0 })
  const { run, running } = waitingAgent()
  const never = runJob(run)
  await running
  await table.put({ ...(await table.row('a')), id: 'living', updatedAt: new Date(clock.now() + 1_000).toISOString() })
  await table.put({ id: 'waiting', queryType: 'ask', status: 'PENDING', version: 1, dueShard: 1, dueAt: clock.now() })
  expect(await handOverDead(table.jobs, clock.now() + 1_000, clock)).toBe(1)
  expect(await table.row('a')).toMatchObject({ status: 'PENDING', attempt: 0, allAttempts: 1, version: 3 })
  expect(await table.row('living')).toMatchObject({ status: 'PROCESSING', attempt: 1 })
  expect(await table.row('waiting')).toMatchObject({ status: 'PENDING', version: 1 })
  await clock.advance(1_500)
  await never
  expect(await runJob(async () => 'again')).toMatchObject({ status: 'COMPLETE', attempt: 1 })
})
