import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobContext } from '../../agents/define-agent.ts'
import { PermanentFailure, RetryLater } from '../../agents/failures.ts'
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

describe('a checkpoint', () => {
  const crash = new RetryLater({ code: 'X', message: 'x', remediation: 'y' })

  test('is an event of its own number, and takes progress, usage and words with it to the row', async () => {
    const { table, events, put, runJob } = world
    await put({ throttledSince: '2026-03-01T09:00:00.000Z' })
    let row: Record<string, unknown> = {}
    await runJob(async (_input, job) => {
      job.progress(0.5, 'half')
      job.partial('so far')
      await job.model.converse({ messages: [], signal: job.signal }, { text: () => undefined })
      await job.checkpoint({ a: 1 })
      row = await table.row('a')
      job.emit('and on')
    })
    expect(row).toMatchObject({ status: 'PROCESSING', progress: 0.5, partialResult: '"so far"', version: 3 })
    expect(row.usage).toMatchObject({ inputTokens: 10 })
    expect(row).not.toHaveProperty('throttledSince')
    const [stored, ...others] = await table.checkpoints('a')
    expect(others).toEqual([])
    expect(stored).toMatchObject({ jobId: 'a', owner: 'me', attempt: 1, type: 'CHECKPOINT', data: '{"a":1}' })
    expect(stored).toMatchObject({ seq: row.checkpointSeq, ttl: expect.any(Number), createdAt: expect.any(String) })
    expect(events.map(({ seq }) => seq)).not.toContain(stored?.seq)
    expect(events.map(({ type }) => type)).not.toContain('CHECKPOINT')
  })

  test('outlives a failure that is tried again, and a worker that dies', async () => {
    const { table, clock, put, runJob } = world
    await put()
    await runJob(async (_input, job) => {
      await job.checkpoint('one')
      throw crash
    })
    await clock.advance(60_000)
    const lost = waitingAgent()
    const run: Run = async (input, job) => {
      await job.checkpoint(`${job.resumed}, two`)
      return lost.run(input, job)
    }
    const never = runJob(run)
    await lost.running
    await table.put({ ...(await table.row('a')), leaseExpiresAt: clock.now() })
    expect(await runJob(async (_input, job) => job.resumed)).toMatchObject({ resultData: '"one, two"', attempt: 3 })
    await clock.advance(20_000)
    await never
  })

  test('says what it was when it was made, whatever the agent does with it afterwards', async () => {
    const { put, runJob, table } = world
    await put()
    await runJob(async (_input, job) => {
      const state = { step: 1 }
      const stored = job.checkpoint(state)
      state.step = 2
      await stored
    })
    expect(await table.checkpoints('a')).toMatchObject([{ data: '{"step":1}' }])
  })

  test('of more than an item holds is compressed', async () => {
    const { table, put, runJob } = world
    await put()
    const state = 'the same words '.repeat(100_000)
    await runJob(async (_input, job) => {
      await job.checkpoint(state)
      throw crash
    })
    const [stored] = await table.checkpoints('a')
    expect(stored?.encoding).toBe('gzip')
    expect(String(stored?.data).length).toBeLessThan(350_000)
    await world.clock.advance(60_000)
    const row = await runJob(async (_input, job) => job.resumed === state)
    expect(row).toMatchObject({ resultData: 'true' })
  })

  test('too large even then is left out with a warning, and the one before stays', async () => {
    const { table, log, put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      await job.checkpoint('small')
      await job.checkpoint(randomBytes(400_000).toString('base64'))
      throw crash
    })
    expect(row).toMatchObject({ checkpointSeq: 1_000_001 })
    expect(await table.checkpoints('a')).toHaveLength(1)
    expect(log.lines.join()).toMatch(/WARN A checkpoint is too large, even compressed/)
  })

  test('that the table does not take stops nobody', async () => {
    const { table, log, put, runJob } = world
    await put()
    const eventTable = { ...table.events, table: 'NoSuchTable' }
    const row = await runJob((_input, job) => job.checkpoint(1).then(() => 'done'), { eventTable })
    expect(row).toMatchObject({ status: 'COMPLETE', resultData: '"done"' })
    expect(row).not.toHaveProperty('checkpointSeq')
    expect(log.lines.join()).toMatch(/WARN A checkpoint could not be stored.*resource not found/)
  })

  test.each([
    ['is gone', undefined],
    ['cannot be read', { data: '{' }],
  ])('that %s means a fresh start, and the log says so', async (what, item) => {
    const { table, log, put, runJob } = world
    if (item) await table.putEvent({ jobId: 'a', seq: 5, type: 'CHECKPOINT', ...item })
    await put({ checkpointSeq: 5 })
    const row = await runJob(async (_input, job) => job.resumed === undefined)
    expect(row).toMatchObject({ status: 'COMPLETE', resultData: 'true' })
    expect(log.lines.join()).toMatch(new RegExp(`WARN A checkpoint ${what}`))
  })

  test.each([
    ['checkpoint', (job: JobContext) => job.checkpoint(() => undefined)],
    ['checkpoint', (job: JobContext) => job.checkpoint(1n)],
    ['partial', (job: JobContext) => job.partial(undefined)],
    ['partial', (job: JobContext) => job.partial({ n: 1n })],
  ])('or partial result that is no JSON is refused where it was said (%s)', async (name, say) => {
    const { table, put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => say(job))
    const message = expect.stringMatching(`job\\.${name} takes a value that JSON can hold`)
    expect(row).toMatchObject({ status: 'FAILED', error: { code: 'AGENT_ERROR', message } })
    expect(row).not.toHaveProperty('partialResult')
    expect(await table.checkpoints('a')).toEqual([])
  })

  test('of a run that was stopped is refused: another worker may be further', async () => {
    const { table, put, runJob, clock } = world
    await put({ timeoutSeconds: 5 })
    const late = Promise.withResolvers<unknown>()
    const { run, running } = waitingAgent((job) => {
      job.signal.addEventListener('abort', () => late.resolve(job.checkpoint('late').catch((reason) => reason)))
    })
    const ended = runJob(run)
    await running
    await clock.advance(5_000)
    await ended
    expect(await late.promise).toMatchObject({ name: 'RunStopped', why: 'TIMEOUT' })
    expect(await table.checkpoints('a')).toEqual([])
  })

  test('by a worker whose job was cancelled stops it at once', async () => {
    const { table, put, runJob } = world
    await put()
    let signal: AbortSignal | undefined
    const row = await runJob(async (_input, job) => {
      signal = job.signal
      await table.cancel('a')
      await job.checkpoint(1)
      throw new PermanentFailure({ code: 'NOT_REACHED', message: 'x', remediation: 'y' })
    })
    expect(signal?.aborted).toBe(true)
    expect(row).toMatchObject({ status: 'CANCELLED' })
  })
})
