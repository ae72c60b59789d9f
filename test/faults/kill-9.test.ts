import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { expect, onTestFinished, test } from 'vitest'
import { isOver, type JobStatus } from '../../engine/job/job.ts'
import { scripted } from '../../local/scripted-model.ts'
import { startLocal } from '../../local/start-local.ts'
import { followTable, MINUTE } from './world.ts'

const JOBS = 200

test('kill -9 with 200 jobs in flight: after the restart all of them end, once', { timeout: 120_000 }, async () => {
  const state = await mkdtemp(join(tmpdir(), 'killed-'))
  onTestFinished(() => rm(state, { recursive: true }))
  const child = fork(join(import.meta.dirname, 'kill-9-cloud.ts'), [state, String(JOBS)], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  const [said] = await Promise.race([once(child, 'message'), ended])
  expect(said).toBe('in flight')
  child.kill('SIGKILL')
  expect((await ended)[1]).toBe('SIGKILL')

  // The second process lives by a clock that can be moved over the leases of the workers that died.
  const clock = new ManualClock()
  const model = scripted([], { clock, job: (data) => (data as { key: string }).key })
  await using cloud = await startLocal({ state, clock, model, agents: 'test/faults/agents.ts' })
  const changes = await followTable(cloud, 'TRIM_HORIZON')
  await cloud.settle()
  const last = () => new Map(changes.map((change) => [change.id, change]))
  const open = () => [...last().values()].filter(({ to }) => !isOver(to as JobStatus))
  expect(last().size).toBe(JOBS)
  expect(open().length).toBeGreaterThan(0)

  // The jobs of the workers that died with the first process do not wait until their leases are over, and lose no attempt.
  await cloud.advance(1_000)
  // Of each ten, one starts only after a minute: see kill-9-cloud.ts.
  expect(open().filter(({ id }) => Number(id.slice(4)) % 10 !== 1)).toEqual([])
  for (let minute = 0; minute < 30 && open().length > 0; minute++) await cloud.advance(MINUTE)
  expect(open()).toEqual([])
  const completed = changes.filter(({ from, to }) => to === 'COMPLETE' && from !== 'COMPLETE').map(({ id }) => id)
  expect(completed).toHaveLength(JOBS)
  expect(new Set(completed).size).toBe(JOBS)
  expect(changes.filter(({ error }) => error === 'WORKER_LOST')).toEqual([])
  for (const id of completed) expect(model.calls(id), id).toBeLessThanOrEqual(1)
})
