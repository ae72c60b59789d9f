import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EngineWorld, type Run, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

/** An agent that says where it begins, takes a step, and stops there until its signal comes. */
function stepper(states: unknown[]) {
  const { run: wait, running } = waitingAgent()
  const run: Run = async (input, job) => {
    states.push(job.resumed)
    await job.checkpoint({ step: ((job.resumed as { step: number })?.step ?? 0) + 1 })
    return wait(input, job)
  }
  return { run, running }
}

describe('when the time of its worker ends, a job', () => {
  test('goes on in the next one from its last checkpoint, with its attempt and the time it has run', async () => {
    const { clock, put, runJob } = world
    await put({ timeoutSeconds: 3_600, maxAttempts: 1 })
    const states: unknown[] = []
    for (const slice of [1, 2, 3]) {
      const { run, running } = stepper(states)
      const ended = runJob(run, {}, 45_000)
      await running
      await clock.advance(34_999)
      expect(await world.table.row('a')).toMatchObject({ status: 'PROCESSING' })
      await clock.advance(1)
      const row = await ended
      expect(row).toMatchObject({ status: 'PENDING', attempt: 0, claims: slice, elapsedMs: slice * 35_000 })
      expect(row).toMatchObject({ checkpointSeq: slice * 1_000_000 + 1, dueAt: clock.now() + 300_000 })
      for (const name of ['claimToken', 'leaseExpiresAt', 'runAt', 'error']) expect(row).not.toHaveProperty(name)
    }
    expect(states).toEqual([undefined, { step: 1 }, { step: 2 }])
    const row = await runJob(async (_input, job) => job.resumed)
    expect(row).toMatchObject({ status: 'COMPLETE', resultData: '{"step":3}', attempt: 1 })
  })

  test('ends at its time-out, which counts over all slices', async () => {
    const { clock, put, runJob } = world
    await put({ timeoutSeconds: 50, elapsedMs: 35_000 })
    const { run, running } = stepper([])
    const ended = runJob(run, {}, 45_000)
    await running
    await clock.advance(14_999)
    expect(await world.table.row('a')).toMatchObject({ status: 'PROCESSING' })
    await clock.advance(1)
    expect(await ended).toMatchObject({ status: 'FAILED', error: { code: 'TIMEOUT' } })
  })

  test('that made no checkpoint in it fails, and says why it cannot go on', async () => {
    const { clock, put, runJob } = world
    await put({ checkpointSeq: 7, timeoutSeconds: 3_600 })
    const { run, running } = waitingAgent((job) => job.partial('half'))
    const ended = runJob(run, {}, 45_000)
    await running
    await clock.advance(35_000)
    const remediation = expect.stringMatching(/smaller parts.*job\.checkpoint/)
    const error = { code: 'TIMEOUT', message: expect.stringMatching(/no checkpoint/), remediation }
    expect(await ended).toMatchObject({ status: 'FAILED', partialResult: '"half"', error })
  })

  test('does not lose the checkpoint that is being written in that moment', async () => {
    const { table, clock, put, runJob } = world
    await put({ timeoutSeconds: 3_600 })
    const send = table.documents.send.bind(table.documents) as (command: unknown) => Promise<unknown>
    const storing = Promise.withResolvers<void>()
    const store = Promise.withResolvers<void>()
    table.documents.send = (async (command: { input: { Item?: unknown } }) => {
      if (command.input.Item) {
        storing.resolve()
        await store.promise
      }
      return send(command)
    }) as never
    const ended = runJob((_input, job) => job.checkpoint('paid for'), {}, 45_000)
    await storing.promise
    await clock.advance(35_000)
    store.resolve()
    expect(await ended).toMatchObject({ status: 'PENDING', checkpointSeq: 1_000_001 })
    expect(await runJob(async (_input, job) => job.resumed)).toMatchObject({ resultData: '"paid for"' })
  })
})
