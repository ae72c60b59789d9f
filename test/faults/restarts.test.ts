import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { expect, onTestFinished, test } from 'vitest'
import { scripted } from '../../local/scripted-model.ts'
import { startLocal } from '../../local/start-local.ts'
import { graphql } from '../graphql-client.ts'

test('three stops of the laptop in the middle of a job cost it no attempt and no waiting', {
  timeout: 120_000,
}, async () => {
  const state = await mkdtemp(join(tmpdir(), 'stopped-'))
  onTestFinished(() => rm(state, { recursive: true }))
  const clock = new ManualClock()
  const model = scripted(
    [
      { does: 'call', tool: 'look', input: { what: 'it' } },
      { does: 'answer', everyMs: 10_000 },
    ],
    {
      clock,
      job: (data) => (data as { key: string }).key,
    },
  )
  const start = () => startLocal({ state, clock, model, agents: 'test/faults/agents.ts' })
  const read = async (cloud: Awaited<ReturnType<typeof start>>) => {
    const get = '{ getAgentJob(id: "a") { status attempt error { code } } }'
    const { data } = await graphql<{ getAgentJob: object }>(cloud, await cloud.token('alice'), get)
    return data?.getAgentJob
  }
  {
    await using cloud = await start()
    const input = { id: 'a', queryType: 'dig', requestData: '{"key":"a"}', maxAttempts: 1 }
    const create = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }'
    await graphql(cloud, await cloud.token('alice'), create, { input })
    await cloud.advance(5_000)
    expect(await read(cloud)).toEqual({ status: 'PROCESSING', attempt: 1, error: null })
  }
  for (const _ of [2, 3]) {
    await using cloud = await start()
    await cloud.settle()
    expect(await read(cloud)).toEqual({ status: 'PROCESSING', attempt: 1, error: null })
    await cloud.advance(5_000)
  }
  await using cloud = await start()
  await cloud.advance(30_000)
  expect(await read(cloud)).toEqual({ status: 'COMPLETE', attempt: 1, error: null })
  // The first turn was finished before all stops: it is paid once. The second was cut off by each.
  expect(model.calls('a')).toBe(5)
})
