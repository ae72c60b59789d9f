import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { expect, onTestFinished, test } from 'vitest'
import { offlineModel } from '../../local/offline-model.ts'
import { startLocal } from '../../local/start-local.ts'
import { addFunction, startLambda, untilLine } from '../../packages/local-cloud/test/lambda/lambda-world.ts'
import { graphql } from '../graphql-client.ts'

const start = Date.parse('2030-01-01T00:00:00.000Z')

test('all timers of a function run on the clock, in order, and see the time they were set for', async () => {
  const clock = new ManualClock(start)
  const lambda = startLambda({ clock })
  await addFunction(
    lambda,
    `import { setTimeout as sleep } from 'node:timers/promises'
     import timers from 'node:timers'
     import { promisify } from 'node:util'
     const seen = []
     const note = (name) => seen.push(name + ' ' + (Date.now() - ${start}))
     export const handler = async () => {
       console.log('begun')
       const every = setInterval(() => note('interval'), 40_000)
       const never = setTimeout(() => note('cleared'), 1_000)
       timers.setTimeout(() => clearTimeout(never), 500)
       AbortSignal.timeout(95_000).addEventListener('abort', () => note('signal'))
       const late = setTimeout(() => note('refreshed'), 30_000)
       setTimeout(() => late.refresh(), 20_000).unref()
       sleep(60_000, null, { signal: AbortSignal.timeout(10_000) }).catch(({ name }) => note(name))
       await sleep(60_000)
       note('sleep')
       await promisify(setTimeout)(40_000)
       clearInterval(every)
       return seen
     }`,
    { timeoutSeconds: 900 },
  )
  const begun = untilLine(lambda, 'begun')
  const answer = lambda.invoke('f', {})
  await begun
  await clock.advance(200_000)
  expect((await answer).payload).toEqual([
    'AbortError 10000',
    'interval 40000',
    'refreshed 50000',
    'sleep 60000',
    'interval 80000',
    'signal 95000',
  ])
})

test('chance repeats itself with its seed', async () => {
  const clock = new ManualClock(start)
  const lambda = startLambda({ clock })
  await addFunction(lambda, 'export const handler = () => [Math.random(), Math.random()]')
  const draw = async (seed: number) => {
    clock.seed(seed)
    return (await lambda.invoke('f', {})).payload as number[]
  }
  const first = await draw(1)
  expect(new Set([...first, ...(await draw(2))]).size).toBe(4)
  expect(await draw(1)).toEqual(first)
})

test('an hour of the whole cloud passes without anything under way seeing time jump', async () => {
  const clock = new ManualClock(start)
  const lines: string[] = []
  const model = offlineModel({ clock, paceMs: 20_000 })
  const cloud = await startLocal({ clock, model, agents: 'bench/agents.ts', log: (_, line) => lines.push(line) })
  onTestFinished(() => cloud.close())
  const token = await cloud.token('alice', 86_400)
  const create = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }'
  const input = { id: 'a', queryType: 'askOnce', requestData: '{"n":1}' }
  await graphql(cloud, token, create, { input })
  const read = async () => {
    const get = '{ getAgentJob(id: "a") { status attempt version startedAt } }'
    return (await graphql<{ getAgentJob: Record<string, unknown> }>(cloud, token, get)).data?.getAgentJob
  }
  await cloud.settle()
  expect(await read()).toMatchObject({ status: 'PROCESSING', startedAt: '2030-01-01T00:00:00.000Z' })
  // The lease of 60 s is kept by a heartbeat every 20 s.
  await cloud.advance(110_000)
  const job = await read()
  expect(job).toMatchObject({ status: 'PROCESSING', attempt: 1 })
  expect(job?.version).toBeGreaterThanOrEqual(7)
  await cloud.advance(3_490_000)
  expect(await read()).toMatchObject({ status: 'COMPLETE', attempt: 1 })
  expect(lines.filter((line) => /timed? ?out|ECONN|"level":"(WARN|ERROR)"/i.test(line))).toEqual([])
})

test('a clock that nobody can move says so', async () => {
  const cloud = await startLocal()
  onTestFinished(() => cloud.close())
  expect(() => cloud.advance(1)).toThrow('clock must be a ManualClock')
})
