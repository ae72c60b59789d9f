import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Send } from '../../engine/dispatch.ts'
import { dispatchJobs } from '../../engine/dispatch.ts'
import type { JobPriority } from '../../engine/job/job.ts'
import { publishChanges } from '../../engine/push/publish.ts'
import type { JobMessage } from '../../engine/run/run-job.ts'
import { createRunJob } from '../../engine/run/run-job.ts'
import { sweepOverdue } from '../../engine/sweep.ts'
import { type EngineWorld, startEngine } from './engine-world.ts'

// A host without Lambda: lists for queues, rows in place of a stream, and nothing that ends a worker's time.

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

function startHost() {
  const { table, clock, log, engine } = world
  const queues = new Map<JobPriority, JobMessage[]>()
  const send: Send = async (queue, dispatches) => {
    queues.set(queue, [...(queues.get(queue) ?? []), ...dispatches.map(({ message }) => message)])
    return dispatches.map(() => 'taken')
  }
  const pushed: unknown[] = []
  const mutate = async (_document: string, input: object) => {
    pushed.push((input as { status: string }).status)
  }
  return {
    queues,
    pushed,
    /** Hands on what the row of job `a` says, as the functions at the table's stream do. */
    async changed() {
      const change = { id: 'a', row: await table.row('a'), isGone: false, at: new Date(clock.now()).toISOString() }
      const { jobs, sessions: sessionTable } = table
      expect(await dispatchJobs([change], { jobs, sessionTable, send, clock, log })).toEqual([])
      expect(await publishChanges([change], { mutate, clock, random: () => 1, log })).toEqual([])
    },
    async work(queue: JobPriority) {
      const runJob = createRunJob(engine(async ({ n = 0 }) => n + 1))
      for (const message of queues.get(queue) ?? []) await runJob(message, () => Number.POSITIVE_INFINITY)
    },
    sweep() {
      const tables = { jobs: table.jobs, sessionTable: table.sessions }
      return sweepOverdue({ ...tables, defaultMaxAttempts: 3, clock, log }, () => Number.POSITIVE_INFINITY)
    },
  }
}

test('another host carries a job from its row to its end', async () => {
  const host = startHost()
  await world.put({ priority: 'HIGH' })
  await host.changed()
  expect(host.queues.get('HIGH')).toEqual([{ id: 'a', queryType: 'ask' }])
  await host.work('HIGH')
  await host.changed()
  expect(await world.table.row('a')).toMatchObject({ status: 'COMPLETE', resultData: '2' })
  expect(host.pushed).toEqual(['PENDING', 'COMPLETE'])
  expect(world.clock.waiting).toBe(0)
})

test('a message that another host has lost is found by its sweep', async () => {
  const host = startHost()
  await world.put({ dueShard: 0, dueAt: world.clock.now() + 300_000 })
  await world.clock.advance(300_000)
  await host.sweep()
  await host.changed()
  await host.work('NORMAL')
  expect(await world.table.row('a')).toMatchObject({ status: 'COMPLETE', resultData: '2' })
})
