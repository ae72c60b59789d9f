import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../engine/run/run-job.ts'
import { createRunJob } from '../../engine/run/run-job.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { agentOf, type EngineWorld, lambdaMs, type Run, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

describe('what an agent reports', () => {
  test('is pushed in order, and stands on the row at the end', async () => {
    const { events, put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      job.emit('Reading. ')
      job.progress(0.5, 'half')
      job.partial({ half: true })
      const request = { messages: [], signal: job.signal }
      await job.model.converse(request, { text: (delta) => job.emit(delta) })
      await job.model.converse(request, { text: (delta) => job.emit(delta) })
      job.event('LOG', { level: 'INFO', message: 'done' })
      return 'x'
    })
    expect(events.map(({ seq, type, data }) => [seq, type, JSON.parse(data)])).toEqual([
      [1_000_001, 'TEXT', { text: 'Reading. ' }],
      [1_000_002, 'PROGRESS', { progress: 0.5, message: 'half' }],
      [1_000_003, 'TEXT', { text: 'Hm. Hm. ' }],
      [1_000_004, 'LOG', { level: 'INFO', message: 'done' }],
    ])
    const usage = { inputTokens: 20, outputTokens: 10, modelLatencyMs: 200, modelId: 'm' }
    expect(row).toMatchObject({ status: 'COMPLETE', progress: 0.5, progressMessage: 'half', usage })
  })

  test('reaches the row with the heartbeat, which keeps the lease', async () => {
    const { table, clock, put, runJob } = world
    await put()
    const { run, running } = waitingAgent((job) => {
      job.progress(0.2, 'reading')
      job.partial([1])
    })
    const ended = runJob(run)
    await running
    const beat = table.ended('UpdateItemCommand')
    await clock.advance(20_000)
    await beat
    expect(await table.row('a')).toMatchObject({
      status: 'PROCESSING',
      progress: 0.2,
      progressMessage: 'reading',
      partialResult: '[1]',
      leaseExpiresAt: clock.now() + 60_000,
      dueAt: clock.now() + 60_000,
      version: 3,
    })
    await clock.advance(600_000)
    await ended
  })

  test('is written once, and not with each heartbeat again', async () => {
    const { table, clock, put, runJob } = world
    await put()
    const { run, running } = waitingAgent((job) => job.partial('x'))
    const ended = runJob(run)
    await running
    for (let beat = 0; beat < 2; beat++) {
      const written = table.ended('UpdateItemCommand')
      await clock.advance(20_000)
      await written
      // The next beat is set once this one's answer has been read.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await clock.advance(600_000)
    await ended
    expect(table.updates.filter((update) => update.includes('partialResult = '))).toHaveLength(1)
  })

  test('is all pushed before the job ends', async () => {
    const { table, put, runJob } = world
    await put()
    const pushing = Promise.withResolvers<void>()
    const push = Promise.withResolvers<void>()
    const mutate: Engine['mutate'] = () => {
      pushing.resolve()
      return push.promise
    }
    const ended = runJob(async (_input, job) => job.emit('last words'), { mutate })
    await pushing.promise
    expect(table.updates).toHaveLength(1)
    push.resolve()
    expect(await ended).toMatchObject({ status: 'COMPLETE' })
    expect(table.updates).toHaveLength(2)
  })

  test('does not keep the result from its row when the API is down', async () => {
    const { clock, log, put, runJob } = world
    await put()
    const tried = Promise.withResolvers<void>()
    const mutate: Engine['mutate'] = async () => {
      tried.resolve()
      throw new RetryLater({ code: 'X', message: 'down', remediation: 'wait' })
    }
    const ended = runJob(async (_input, job) => job.emit('last words'), { mutate })
    await tried.promise
    for (let second = 0; second < 70; second++) {
      await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(1_000)
    }
    expect(await ended).toMatchObject({ status: 'COMPLETE' })
    expect(log.lines.join()).toMatch(/ERROR An event could not be stored in time/)
  })

  test('comes from a model that is given up when it is silent: as long as the call or the agent says, else as the model knows', async () => {
    const { put, runJob } = world
    const heard: unknown[] = []
    const model: Engine['model'] = {
      async converse({ stallSeconds }) {
        heard.push(stallSeconds)
        return {
          content: [],
          stopReason: 'end_turn',
          usage: { inputTokens: 1, outputTokens: 1 },
          latencyMs: 1,
          modelId: 'm',
        }
      },
    }
    const on = { text: () => undefined }
    const run: Run = async (_input, job) => {
      await job.model.converse({ messages: [], signal: job.signal }, on)
      await job.model.converse({ messages: [], signal: job.signal, stallSeconds: 5 }, on)
    }
    for (const stall of [undefined, { seconds: 20 }]) {
      await put()
      await runJob(run, { model, agents: { ask: agentOf(run, { stall }) } })
    }
    expect(heard).toEqual([undefined, 5, 20, 5])
  })

  test('is not lost to a table that is down when the job ends', async () => {
    const { table, clock, log, put, runJob } = world
    await put()
    const send = table.documents.send.bind(table.documents)
    const refused = Promise.withResolvers<void>()
    let refusals = 3
    const ended = runJob(async () => {
      table.documents.send = (async (command: never) => {
        if (refusals-- <= 0) return send(command)
        refused.resolve()
        throw new Error('ProvisionedThroughputExceededException')
      }) as never
      return 'paid for'
    })
    await refused.promise
    for (let second = 0; second < 5; second++) {
      await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(1_000)
    }
    expect(await ended).toMatchObject({ status: 'COMPLETE', resultData: '"paid for"' })
    expect(log.lines.filter((line) => /WARN A write is tried again/.test(line))).toHaveLength(3)
  })

  test('is given up after a minute, and the message comes again', async () => {
    const { table, clock, put, engine } = world
    await put()
    const refused = Promise.withResolvers<void>()
    const run = createRunJob(
      engine(async () => {
        table.documents.send = (async () => {
          refused.resolve()
          throw new Error('down')
        }) as never
      }),
    )
    const failed = expect(run({ id: 'a' }, () => lambdaMs)).rejects.toThrow('down')
    await refused.promise
    for (let second = 0; second < 60; second++) {
      await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(1_000)
    }
    await failed
    expect(clock.waiting).toBe(0)
  })

  test('usage of an earlier attempt is not forgotten', async () => {
    const { put, runJob } = world
    await put({ usage: { inputTokens: 100, outputTokens: 1, modelLatencyMs: 1 } })
    const row = await runJob(async (_input, job) => {
      await job.model.converse({ messages: [], signal: job.signal }, { text: () => undefined })
    })
    expect(row.usage).toMatchObject({ inputTokens: 110, outputTokens: 6, modelLatencyMs: 101 })
    expect(row.resultData).toBe('null')
  })

  test('a partial result that does not fit leaves the one before', async () => {
    const { put, runJob } = world
    await put()
    const row = await runJob(async (_input, job) => {
      job.partial('small')
      job.partial('x'.repeat(400_000))
      throw new PermanentFailure({ code: 'X', message: 'x', remediation: 'y' })
    })
    expect(row.partialResult).toBe('"small"')
  })
})
