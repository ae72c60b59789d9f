import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createRunJob } from '../../engine/run/run-job.ts'
import type { JobContext } from '../../sdk/agent.ts'
import { agentOf, type EngineWorld, lambdaMs, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

describe('a run is stopped', () => {
  test.each([
    ['of the job', { timeoutSeconds: 30 }, undefined, 30],
    ['of the agent', {}, { seconds: 40 }, 40],
    ['of the stack', {}, undefined, 600],
  ])('at the time-out %s, keeping what it had', async (_whose, values, timeout, seconds) => {
    const { clock, events, put, runJob } = world
    await put(values)
    const { run, running } = waitingAgent((job) => {
      job.emit('So far so ')
      job.partial({ so: 'far' })
    })
    const ended = runJob(run, { agents: { ask: agentOf(run, { timeout }) } })
    const job = await running
    await clock.advance(seconds * 1000 - 1)
    expect(job.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(await ended).toMatchObject({
      status: 'FAILED',
      partialResult: '{"so":"far"}',
      error: {
        code: 'TIMEOUT',
        message: expect.stringContaining(`${seconds} s`),
        remediation: expect.stringMatching(/smaller parts.*timeoutSeconds/),
      },
    })
    expect(events).toMatchObject([{ type: 'TEXT', data: '{"text":"So far so "}' }])
  })

  test('ten seconds before its Lambda ends', async () => {
    const { clock, put, runJob } = world
    await put()
    const { run, running } = waitingAgent()
    const ended = runJob(run, {}, 45_000)
    await running
    await clock.advance(35_000)
    const error = { code: 'TIMEOUT', message: expect.stringMatching(/after 35 s.*its time-out is 600 s/) }
    expect(await ended).toMatchObject({ status: 'FAILED', error })
  })

  test('even when the agent is deaf to its signal, and what it says after that is not heard', async () => {
    const { clock, events, put, runJob } = world
    await put({ timeoutSeconds: 5 })
    const running = Promise.withResolvers<JobContext>()
    const ended = runJob((_input, job) => {
      running.resolve(job)
      return new Promise(() => undefined)
    })
    const job = await running.promise
    await clock.advance(5_000)
    expect(await ended).toMatchObject({ status: 'FAILED', error: { code: 'TIMEOUT' } })
    job.emit('still here')
    job.progress(1)
    await clock.advance(1_000)
    expect(events).toEqual([])
  })

  test('before its agent began: what the agent then throws is not taken for a fault of its own', async () => {
    const { clock, put, runJob } = world
    await put({ timeoutSeconds: 5 })
    const checking = Promise.withResolvers<void>()
    const checked = Promise.withResolvers<boolean>()
    const input = z.any().refine(() => {
      checking.resolve()
      return checked.promise
    })
    const run = async () => {
      throw new Error('Request aborted')
    }
    const ended = runJob(run, { agents: { ask: agentOf(run, { input }) } })
    await checking.promise
    await clock.advance(5_000)
    checked.resolve(true)
    expect(await ended).toMatchObject({ status: 'FAILED', error: { code: 'TIMEOUT' } })
  })

  test('within two seconds of a cancel, and what it knew is kept with the job', async () => {
    const { table, clock, events, put, runJob } = world
    await put()
    const { run, running } = waitingAgent((job) => {
      job.emit('I was ')
      job.partial('half')
      job.progress(0.5, 'there')
    })
    const ended = runJob(async (input, job) => {
      await job.model.converse({ messages: [], signal: job.signal }, { text: () => undefined })
      return run(input, job)
    })
    const job = await running
    const stopped = new Promise((resolve) => {
      job.signal.addEventListener('abort', () => resolve(clock.now()))
    })
    const started = clock.now()
    const looked = table.ended('GetItemCommand')
    await clock.advance(1_500)
    await looked
    await new Promise((resolve) => setImmediate(resolve))
    expect(job.signal.aborted).toBe(false)
    await table.cancel('a')
    const cancelled = await table.row('a')
    await clock.advance(1_500)
    expect(await stopped).toBe(started + 3_000)
    const version = (cancelled.version as number) + 1
    const known = { partialResult: '"half"', progress: 0.5, progressMessage: 'there', usage: { inputTokens: 10 } }
    expect(await ended).toMatchObject({ status: 'CANCELLED', ...known, version })
    expect(events.map(({ type }) => type)).toEqual(['TEXT', 'PROGRESS'])
  })

  test('by a cancel that comes when it was done already: what it knew is kept with the job', async () => {
    const { table, put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      job.partial('all')
      await table.cancel('a')
      return 'too late'
    })
    expect(row).toMatchObject({ status: 'CANCELLED', partialResult: '"all"', version: 3 })
    expect(row).not.toHaveProperty('resultData')
  })

  test('by a cancel, and adds nothing to what became of the job since', async () => {
    const { table, put, runJob } = world
    for (const since of [{ status: 'PENDING' }, { status: 'CANCELLED', claims: 2 }]) {
      await put()
      const changed = { id: 'a', claims: 1, version: 9, ...since }
      const row = await runJob(async (_input, job) => {
        job.partial('all')
        await table.put(changed)
      })
      expect(row).toEqual(changed)
    }
  })

  test('when another worker took its job over: the stale one writes nothing', async () => {
    const { table, clock, engine, put, lose, runJob } = world
    await put()
    const first = waitingAgent()
    const ended = runJob(first.run)
    const job = await first.running
    await lose()
    await createRunJob(engine(async () => 'second'))({ id: 'a' }, () => lambdaMs)
    await clock.advance(20_000)
    await ended
    expect(job.signal.aborted).toBe(true)
    expect(await table.row('a')).toMatchObject({ status: 'COMPLETE', resultData: '"second"', attempt: 2, claims: 2 })
  })

  test('when no heartbeat got through until its lease was over', async () => {
    const { table, clock, engine, put } = world
    await put()
    const { run, running } = waitingAgent()
    const ended = createRunJob(engine(run))({ id: 'a' }, () => lambdaMs)
    const job = await running
    const { send } = table.documents
    table.documents.send = () => Promise.reject(new Error('ECONNRESET'))
    await clock.advance(59_999)
    expect(job.signal.aborted).toBe(false)
    await clock.advance(1)
    await ended
    table.documents.send = send
    expect(job.signal.aborted).toBe(true)
    expect(await table.row('a')).toMatchObject({ status: 'PROCESSING' })
  })
})
