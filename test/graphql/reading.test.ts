import { expect, test } from 'vitest'
import { ADMIN, ALICE, errorOf, plain, resolver } from './bundled-resolver.ts'

const mine = { id: 'a', owner: 'alice', queryType: 'planDay', status: 'PENDING', requestData: '{}' }

test('getAgentJob: own jobs, everything for admins, else null', () => {
  const get = (identity: object, result: unknown) =>
    resolver('Query.getAgentJob.1.readRow', { identity, result }).response()
  expect(get(ALICE, mine)).toMatchObject({ id: 'a', version: 1, attempt: 0, priority: 'NORMAL' })
  expect(get(ALICE, { ...mine, owner: 'bob' })).toBeNull()
  expect(get(ALICE, { ...mine, owner: undefined })).toBeNull()
  expect(get(ALICE, null)).toBeNull()
  expect(get(ADMIN, { ...mine, owner: undefined }).id).toBe('a')
})

test('a row written by hand with a map for its input is shown as text', () => {
  const result = { ...mine, requestData: { date: 'x' } }
  expect(resolver('Query.getAgentJob.1.readRow', { result }).response().requestData).toBe('{"date":"x"}')
})

test('a caller without a sub is denied', () => {
  expect(errorOf(resolver('Query.listAgentJobs.1.queryOwner', { identity: {} }).request).errorType).toBe('Unauthorized')
})

test('listAgentJobs asks for the owner: oneself, or for admins whom they name, or all', () => {
  const ask = (identity: object, args: object = {}) =>
    resolver('Query.listAgentJobs.1.queryOwner', { identity, args: { ...args } }).request()
  const bobs = { filter: { owner: { eq: 'bob' } } }
  expect(ask(ALICE, bobs)).toMatchObject({ operation: 'Query', index: 'byOwner', scanIndexForward: false, limit: 50 })
  expect(plain(ask(ALICE, bobs).query.expressionValues)).toEqual({ ':owner': 'alice' })
  expect(plain(ask(ADMIN, bobs).query.expressionValues)).toEqual({ ':owner': 'bob' })
  expect(ask(ADMIN, { limit: 1000, nextToken: 't' })).toMatchObject({ operation: 'Scan', limit: 100, nextToken: 't' })
  expect(errorOf(() => ask(ALICE, { limit: 0 })).message).toBe('limit must be a whole number from 1 to 100, got 0')
})

test('listAgentJobs keeps the order of the index, and leaves out what is gone', () => {
  const prev = { result: { items: [{ id: 'c' }, { id: 'b' }, { id: 'a' }], nextToken: 'more' } }
  const read = resolver('Query.listAgentJobs.2.readJobs', { prev })
  expect(read.request().tables.jobs.keys.map(plain)).toEqual([{ id: 'c' }, { id: 'b' }, { id: 'a' }])
  const result = { data: { jobs: [{ id: 'a' }, null, { id: 'c' }] }, unprocessedKeys: { jobs: [] } }
  expect(resolver('Query.listAgentJobs.2.readJobs', { prev, result }).response()).toEqual({
    items: [{ id: 'c' }, { id: 'a' }],
    nextToken: 'more',
  })
  const partial = { data: { jobs: [] }, unprocessedKeys: { jobs: [{ id: 'a' }] } }
  const error = errorOf(resolver('Query.listAgentJobs.2.readJobs', { prev, result: partial }).response)
  expect(error.message).toContain('ask with a smaller limit')
})

test.each<[object, string[]]>([
  [{ status: { eq: 'FAILED' } }, ['b']],
  [{ status: { ne: 'FAILED' } }, ['a', 'c']],
  [{ priority: { eq: 'NORMAL' } }, ['a', 'c']],
  [{ queryType: { beginsWith: 'plan' } }, ['a', 'b']],
  [{ queryType: { contains: 'Task' } }, ['c']],
  [{ sessionId: { notContains: 'x' } }, ['a', 'b']],
  [{ sessionId: { attributeExists: true } }, ['c']],
  [{ sessionId: { eq: null } }, ['a', 'b']],
  [{ sessionId: { size: { ge: 2 } } }, ['c']],
  [{ progress: { gt: 0.1, lt: 0.9 } }, ['b']],
  [{ progress: { between: [0.5, 1] } }, ['b', 'c']],
  [{ createdAt: { ge: '2026-02' }, status: { eq: 'PENDING' } }, ['c']],
  [{ or: [{ id: { eq: 'a' } }, { progress: { ge: 1 } }] }, ['a', 'c']],
  [{ and: [{ status: { eq: 'PENDING' } }, { sessionId: { attributeExists: false } }] }, ['a']],
  [{ not: { status: { eq: 'PENDING' } } }, ['b']],
  [{ or: [], status: null }, ['a', 'b', 'c']],
])('listAgentJobs filters by %j', (filter, ids) => {
  const items = [
    { ...mine, createdAt: '2026-01-01' },
    { ...mine, id: 'b', status: 'FAILED', priority: 'HIGH', progress: 0.5, createdAt: '2026-02-01' },
    { ...mine, id: 'c', queryType: 'analyzeTask', sessionId: 'xy', progress: 1, createdAt: '2026-03-01' },
  ]
  const list = resolver('Query.listAgentJobs', { args: { filter }, prev: { result: { items, nextToken: null } } })
  expect(list.response().items.map(({ id }: { id: string }) => id)).toEqual(ids)
})

test('listAgentJobEvents: own jobs only, after a seq, without checkpoints', () => {
  const check = (identity: object, result: unknown) =>
    resolver('Query.listAgentJobEvents.1.checkOwner', { identity, result, args: { jobId: 'a' } }).response
  expect(check(ALICE, { id: 'a', owner: 'alice' })()).toBeTruthy()
  expect(check(ADMIN, { id: 'a' })()).toBeTruthy()
  for (const result of [{ id: 'a', owner: 'bob' }, { id: 'a' }, null]) {
    const error = errorOf(check(ALICE, result))
    expect(error).toEqual({ errorType: 'NotFound', message: 'there is no job "a" that you may see' })
  }
  const args = { jobId: 'a', after: 1_000_002 }
  const prev = { result: { id: 'a', uid: 'u1', owner: 'alice' } }
  const query = resolver('Query.listAgentJobEvents.2.queryEvents', { args, prev }).request()
  expect(plain(query.query.expressionValues)).toEqual({ ':jobKey': 'a#u1', ':after': 1_000_002 })
  expect(query.filter.expression).toBe('#type <> :checkpoint')
})
