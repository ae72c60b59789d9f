import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobContext } from '../../sdk/agent.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { agentOf, type EngineWorld, type Run, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

/** Lets the claim through, and refuses the next `times` commands of this name. */
function refuse(name: string, times: number) {
  const { documents } = world.table
  const send = documents.send.bind(documents) as (command: unknown) => Promise<unknown>
  const tried = Promise.withResolvers<void>()
  let claimed = false
  documents.send = (async (command: { constructor: { name: string } }) => {
    const refused = claimed && command.constructor.name === name && times-- > 0
    claimed ||= command.constructor.name === 'UpdateCommand'
    if (!refused) return send(command)
    tried.resolve()
    throw new Error('throughput exceeded')
  }) as never
  return { tried: tried.promise }
}

async function secondsPass(seconds: number, after: Promise<void>) {
  await after
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setImmediate(resolve))
    await world.clock.advance(1_000)
  }
}

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
    const { clock, put, lose, runJob } = world
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
    await lose()
    // Each of the two runs before got further, so this is the second attempt since.
    expect(await runJob(async (_input, job) => job.resumed)).toMatchObject({ resultData: '"one, two"', attempt: 2 })
    await clock.advance(20_000)
    await never
  })

  test('waits for the heartbeat under way, which must not write its older news over it', async () => {
    const { table, clock, put, runJob } = world
    await put()
    const send = table.documents.send.bind(table.documents) as (command: unknown) => Promise<unknown>
    const [ready, beating, beat] = [0, 1, 2].map(() => Promise.withResolvers<void>())
    let updates = 0
    const ended = runJob(async (_input, job) => {
      table.documents.send = (async (command: { constructor: { name: string } }) => {
        if (command.constructor.name === 'UpdateCommand' && ++updates === 1) {
          beating?.resolve()
          await beat?.promise
        }
        return send(command)
      }) as never
      ready?.resolve()
      await beating?.promise
      const put = table.ended('PutItemCommand')
      const stored = job.checkpoint(1)
      await put
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(updates).toBe(1)
      beat?.resolve()
      await stored
    })
    await ready?.promise
    await clock.advance(20_000)
    expect(await ended).toMatchObject({ status: 'COMPLETE', checkpointSeq: 1_000_001 })
    expect(updates).toBe(3)
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

  test.each(['PutCommand', 'UpdateCommand'])(
    'is insisted on when the table refuses its %s for a while',
    async (name) => {
      const { table, put, runJob } = world
      await put()
      const allow = refuse(name, 4)
      const before: unknown[] = []
      const ended = runJob(async (_input, job) => {
        await job.checkpoint('paid for')
        before.push((await table.row('a')).checkpointSeq)
        throw crash
      })
      await secondsPass(30, allow.tried)
      expect(await ended).toMatchObject({ status: 'PENDING', checkpointSeq: 1_000_001 })
      expect(before).toEqual([1_000_001])
    },
  )

  test('that the table never takes stops nobody', async () => {
    const { log, put, runJob } = world
    await put()
    const { tried } = refuse('PutCommand', Number.POSITIVE_INFINITY)
    const ended = runJob((_input, job) => job.checkpoint(1).then(() => 'done'))
    await secondsPass(70, tried)
    const row = await ended
    expect(row).toMatchObject({ status: 'COMPLETE', resultData: '"done"' })
    expect(row).not.toHaveProperty('checkpointSeq')
    expect(log.lines.join()).toMatch(/WARN A checkpoint could not be stored.*throughput/)
  })

  test.each([
    ['is gone', undefined],
    ['cannot be read', { data: '{' }],
    ['was written by another agent', { data: '1', queryType: 'other' }],
    ['was written by another agent, or another version of it', { data: '1', format: 'prompt.1.0' }],
    ['was written by another agent, or another version of it', { data: '1', format: undefined }],
    ['is gone', { data: '1', jobKey: 'a#earlier' }],
  ])('that %s means a fresh start, and the log says so', async (what, item) => {
    const { table, log, put, runJob } = world
    const format = agentOf(async () => 1).checkpointFormat
    if (item) await table.putEvent({ jobKey: 'a#u1', seq: 5, type: 'CHECKPOINT', queryType: 'ask', format, ...item })
    await put({ uid: 'u1', checkpointSeq: 5 })
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
