import { afterEach, expect, test } from 'vitest'
import { type ApiOnTables, startApiOnTables } from './api-on-tables.ts'
import { ADMIN, ALICE, errorOf, resolver } from './bundled-resolver.ts'

let api: ApiOnTables
afterEach(() => api?.[Symbol.asyncDispose]())

test('one owner has so many jobs that wait or run; each end makes room', async () => {
  api = await startApiOnTables({ openJobs: 2 })
  for (const id of ['a', 'b']) expect((await api.create('alice', id)).error).toBeUndefined()
  const refused = await api.create('alice', 'c')
  expect(refused.error).toEqual({
    errorType: 'LimitExceeded',
    message: expect.stringMatching(/^an owner may have 2 jobs that wait or run, and you have them: come back when one/),
  })
  expect(await api.row('c')).toBeUndefined()
  expect((await api.create('alice', undefined)).error?.errorType).toBe('LimitExceeded')
  expect((await api.create('bob', 'of-bob')).error).toBeUndefined()

  await api.as('alice', 'mutation { cancelAgentJob(id: "a") { id } }')
  expect(await api.row('a')).not.toHaveProperty('openOwner')
  expect((await api.create('alice', 'c')).error).toBeUndefined()
  const retried = await api.as('alice', 'mutation { retryAgentJob(id: "a") { id } }')
  expect(retried.error?.errorType).toBe('LimitExceeded')
  await api.as('alice', 'mutation { cancelAgentJob(id: "b") { id } }')
  expect((await api.as('alice', 'mutation { retryAgentJob(id: "a") { status } }')).error).toBeUndefined()
  expect((await api.row('a'))?.openOwner).toEqual({ S: 'sub-alice' })
})

test('one owner submits so many jobs a minute, and is told when to come back', async () => {
  api = await startApiOnTables({ jobsPerMinute: 3 })
  for (const id of ['a', 'b', 'c']) expect((await api.create('alice', id)).error).toBeUndefined()
  await api.clock.advance(30_000)
  const { error } = await api.create('alice', 'd')
  expect(error?.errorType).toBe('Throttled')
  const from = /3 jobs a minute, and you have: come back a minute after (\S+)$/.exec(error?.message ?? '')?.[1]
  expect(from).toBe((await api.row('a'))?.createdAt?.S)
  await api.clock.advance(Date.parse(from ?? '') + 60_000 - api.clock.now())
  expect((await api.create('alice', 'd')).error).toBeUndefined()
  expect((await api.create('alice', 'e')).error).toBeUndefined()
})

test('the repeat of a create that was taken is answered, however many there are', async () => {
  api = await startApiOnTables({ jobsPerMinute: 1, openJobs: 1 })
  await api.create('alice', 'a')
  expect((await api.create('alice', 'a')).data.createAgentJob).toMatchObject({ id: 'a' })
  expect((await api.create('bob', 'a')).error?.errorType).toBe('Conflict')
  expect((await api.create('bob', 'b')).error).toBeUndefined()
})

test('admins have no limits', async () => {
  api = await startApiOnTables({ jobsPerMinute: 1, openJobs: 1, highPriority: [] })
  for (const id of ['a', 'b', 'c']) expect((await api.create('admin', id, { priority: 'HIGH' })).error).toBeUndefined()
  expect(await api.row('a')).not.toHaveProperty('openOwner')
})

test('priority HIGH is for whom the stack names', () => {
  const ask = (highPriority: string[] | null, identity: object, priority = 'HIGH') => {
    const input = { queryType: 'analyzeTask', requestData: '{"task":{"id":"t","title":"Ship"}}', priority }
    const env = { OWNER_LIMITS: JSON.stringify({ openJobs: null, jobsPerMinute: null, highPriority }) }
    return resolver('Mutation.createAgentJob', { args: { input }, identity, env }).request
  }
  expect(ask(null, ALICE)()).toEqual({})
  expect(ask(['paying'], { ...ALICE, groups: ['staff', 'paying'] })()).toEqual({})
  expect(ask(['paying'], ADMIN)()).toEqual({})
  expect(ask([], ALICE, 'NORMAL')()).toEqual({})
  for (const identity of [ALICE, { ...ALICE, groups: ['staff'] }]) {
    expect(errorOf(ask(['paying'], identity))).toEqual({
      errorType: 'Unauthorized',
      message: 'priority HIGH is for admins and the groups paying, and you are in none of them: ask for NORMAL or LOW',
    })
  }
  expect(errorOf(ask([], ALICE)).message).toContain('is for admins, and')
})
