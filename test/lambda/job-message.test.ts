import type { Context, SQSEvent } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRunJob } from '../../engine/run/run-job.ts'
import { receiveJobs } from '../../lambda/job-message.ts'
import { type EngineWorld, lambdaMs, startEngine } from '../engine/engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

describe('the door', () => {
  const context = { getRemainingTimeInMillis: () => lambdaMs } as Context
  const batch = (...bodies: string[]) =>
    ({ Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) }) as unknown as SQSEvent

  test('gives a message back when the table cannot be reached', async () => {
    const { table, log, engine } = world
    const jobs = { ...table.jobs, table: 'NoSuchTable' }
    const handle = receiveJobs(createRunJob(engine(async () => 1, { jobs })), log)
    expect(await handle(batch('{"id":"a"}'), context)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] })
    expect(log.lines.join()).toMatch(/ERROR A message could not be handled.*resource not found/)
  })

  test('gives a message back when the end could not be written', async () => {
    const { table, log, engine, put } = world
    await put()
    const failing = engine(async () => {
      table.documents.send = () => Promise.reject(new Error('ECONNRESET'))
    })
    const nearlyOver = { ...context, getRemainingTimeInMillis: () => 5_000 }
    const response = await receiveJobs(createRunJob(failing), log)(batch('{"id":"a"}'), nearlyOver)
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] })
  })

  test('takes a message for good whose job is over or gone', async () => {
    const { log, engine, put } = world
    await put({ status: 'COMPLETE' })
    const handle = receiveJobs(createRunJob(engine(async () => 1)), log)
    expect(await handle(batch('{"id":"a"}', '{"id":"gone"}'), context)).toEqual({ batchItemFailures: [] })
  })

  test('gives back the one that failed, and runs the others', async () => {
    const { log } = world
    const ran: string[] = []
    const handle = receiveJobs(async ({ id }) => {
      ran.push(id)
      if (id === 'b') throw new Error('no')
    }, log)
    const response = await handle(batch('{"id":"a"}', '{"id":"b"}', '{"id":"c"}'), context)
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm1' }])
    expect(ran).toEqual(['a', 'b', 'c'])
  })

  test.each(['hello', '{}', '{"id":7}', 'null'])(
    'a message that names no job fails, and says what came: %s',
    async (body) => {
      const { log, engine } = world
      const handle = receiveJobs(createRunJob(engine(async () => 1)), log)
      expect((await handle(batch(body), context)).batchItemFailures).toHaveLength(1)
      expect(log.lines.join()).toContain('A message must be JSON such as')
    },
  )
})
