import { expect, onTestFinished, test } from 'vitest'
import { startLocal } from '../local/start-local.ts'
import { graphql, subscribe } from './graphql-client.ts'
import { agents } from './guilty-agents.ts'

interface SeenJob {
  id: string
  status: string
  attempt: number
  error: { code: string; message: string } | null
}

const FIELDS = 'id status attempt error { code message }'
const CREATE = `mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { ${FIELDS} } }`
const CANCEL = `mutation ($id: ID!) { cancelAgentJob(id: $id) { ${FIELDS} } }`
const ON_UPDATE = `subscription { onUpdateAgentJob { ${FIELDS} } }`

const ROUNDS = {
  first: Object.keys(agents).filter((name) => name !== 'innocent'),
  second: ['spins', 'exits', 'forgetsAwait'],
}

/** How the job of each guilty agent ends. */
const WORDS = {
  spins: expect.stringMatching(/^AGENT_UNRESPONSIVE at attempt 1: .*did not answer for 4 s/),
  spinsInMicrotasks: expect.stringMatching(/^AGENT_UNRESPONSIVE at attempt 1: .*did not answer for 4 s/),
  exits: expect.stringMatching(/^AGENT_EXITED at attempt 1: .*called process\.exit\(0\)/),
  exitsWithOne: expect.stringMatching(/^AGENT_EXITED at attempt 1: .*called process\.exit\(1\)/),
  killsItself: expect.stringMatching(/^AGENT_EXITED at attempt 1: .*called process\.kill\(/),
  throwsInTimer: expect.stringMatching(/^AGENT_ERROR at attempt 1: .*in a timer/),
  forgetsAwait: expect.stringMatching(/^AGENT_ERROR at attempt 1: .*without a catch: not saved/),
  rejects: expect.stringMatching(/^AGENT_ERROR at attempt 1: .*without a catch: nobody caught it/),
  // It never pauses either: what a busy machine sees first tells.
  fillsArrays: expect.stringMatching(/^(OUT_OF_MEMORY|AGENT_UNRESPONSIVE) at attempt 1: /),
  fillsBuffers: expect.stringMatching(/^OUT_OF_MEMORY at attempt 1: .*out of memory at \d+ of 512 MB/),
  recurses: expect.stringMatching(/^AGENT_ERROR at attempt 1: .*call stack/),
  emptiesEnvironment: expect.stringMatching(/^AGENT_ERROR at attempt 1: .*process\.env\.\w+ belongs to the worker/),
  pollutes: expect.stringMatching(/^AGENT_ERROR at attempt 1: .*not extensible/),
}

async function startWorld() {
  const said: string[] = []
  const cloud = await startLocal({
    agents: 'test/guilty-agents.ts',
    // A loaded machine may take its time, and whoever is thrown back by it loses nothing.
    unresponsiveSeconds: 2,
    say: (line) => void said.push(line),
  })
  onTestFinished(() => cloud.close())
  const token = await cloud.token('alice')
  const watching = await subscribe<{ onUpdateAgentJob: SeenJob }>(cloud, token, ON_UPDATE)
  onTestFinished(() => watching[Symbol.asyncDispose]())
  const create = async (id: string, queryType: string, more: object = {}) => {
    const { errors } = await graphql(cloud, token, CREATE, { input: { id, queryType, requestData: '{}', ...more } })
    if (errors) throw new Error(JSON.stringify(errors))
  }
  const last = (id: string) =>
    watching.seen.findLast(({ onUpdateAgentJob }) => onUpdateAgentJob.id === id)?.onUpdateAgentJob
  const until = async (ids: string[], ...states: string[]) => {
    await watching.until(() => ids.every((id) => states.includes(last(id)?.status ?? '')))
    return ids.map((id) => last(id) as SeenJob)
  }
  const cancel = (id: string) => graphql(cloud, token, CANCEL, { id })
  return { said, create, cancel, until, ended: (ids: string[]) => until(ids, 'COMPLETE', 'FAILED', 'CANCELLED') }
}

test('an agent that misbehaves ends alone and in its own words, twice; who ran beside it loses nothing', {
  timeout: 180_000,
}, async () => {
  const { said, create, ended } = await startWorld()
  for (const [round, guilty] of Object.entries(ROUNDS)) {
    const jobs = [
      ...['1', '2', '3', '4', '5'].map((n) => ({ id: `${round}-innocent-${n}`, queryType: 'innocent' })),
      ...guilty.map((queryType) => ({ id: `${round}-${queryType}`, queryType })),
    ]
    await Promise.all(jobs.map(({ id, queryType }) => create(id, queryType)))
    const ends = await ended(jobs.map(({ id }) => id))
    for (const { id, status, attempt, error } of ends.filter(({ id }) => id.includes('innocent'))) {
      expect({ id, status, attempt, error }).toMatchObject({ status: 'COMPLETE', attempt: 1 })
    }
    const told = ends
      .filter(({ id }) => !id.includes('innocent'))
      .map(({ id, attempt, error }) => [
        id.slice(round.length + 1),
        `${error?.code} at attempt ${attempt}: ${error?.message}`,
      ])
    const wanted = guilty.map((name) => [name, WORDS[name as keyof typeof WORDS]])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(wanted))
    expect(said).toContainEqual(
      expect.stringMatching(new RegExp(`^job ${round}-spins: its worker did not answer for 4 s`)),
    )
  }
})

test('an agent that spins holds up neither its cancel nor its time-out nor the job behind it', {
  timeout: 60_000,
}, async () => {
  const { create, cancel, until, ended } = await startWorld()
  await create('cancelled', 'spins')
  await until(['cancelled'], 'PROCESSING')
  await create('timed', 'spins', { timeoutSeconds: 3 })
  await create('behind', 'innocent')
  await cancel('cancelled')
  const ends = await ended(['cancelled', 'timed', 'behind'])
  expect(ends.map(({ id, status, error }) => `${id} ${error?.code ?? status}`)).toEqual([
    'cancelled CANCELLED',
    'timed AGENT_UNRESPONSIVE',
    'behind COMPLETE',
  ])
})
