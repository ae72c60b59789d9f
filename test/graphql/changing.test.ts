import { expect, test } from 'vitest'
import { dueShard } from '../../engine/job/due.ts'
import { ADMIN, BACKEND, CONDITION, errorOf, type Given, NOW, plain, resolver } from './bundled-resolver.ts'

test.each([
  ['cancelAgentJob', ['PENDING', 'PROCESSING'], 'COMPLETE', 'only a PENDING or PROCESSING job can be cancelled'],
  [
    'retryAgentJob.2.updateJob',
    ['FAILED', 'CANCELLED'],
    'PROCESSING',
    'only a FAILED or CANCELLED job can be run again',
  ],
])('%s changes an own job that stands right', (name, from, status, refusal) => {
  const field = `Mutation.${name}`
  const { condition } = resolver(field, { args: { id: 'a' } }).request()
  expect(condition.expression).toContain('#owner = :sub AND #is IN')
  expect(Object.values(plain(condition.expressionValues))).toEqual([...from, 'alice'])
  const asAdmin = resolver(field, { args: { id: 'a' }, identity: ADMIN }).request().condition
  expect(asAdmin.expression).not.toContain('owner')
  expect(Object.values(plain(asAdmin.expressionValues))).toEqual(from)

  const refused = (result: unknown) =>
    errorOf(resolver(field, { args: { id: 'a' }, error: CONDITION, result }).response)
  expect(refused({ id: 'a', owner: 'alice', status })).toEqual({
    errorType: 'Conflict',
    message: `job "a" is "${status}"; ${refusal}`,
  })
  for (const result of [null, { id: 'a', owner: 'bob', status }]) expect(refused(result).errorType).toBe('NotFound')
})

test('cancelAgentJob takes the job from its worker and has it deleted in a week', () => {
  const { update } = resolver('Mutation.cancelAgentJob', { args: { id: 'a' } }).request()
  expect(update.expression).toContain('REMOVE #claimToken, #leaseExpiresAt, #dueShard, #dueAt')
  expect(plain(update.expressionValues)).toMatchObject({ ':status': 'CANCELLED', ':ttl': NOW / 1000 + 604_800 })
})

test('retryAgentJob starts at attempt 0 and leaves claims alone, which number the events', () => {
  const { update } = resolver('Mutation.retryAgentJob.2.updateJob', { args: { id: 'a' } }).request()
  expect(plain(update.expressionValues)).toMatchObject({ ':status': 'PENDING', ':attempt': 0, ':dueAt': NOW + 300_000 })
  expect(update.expression).not.toContain('claims')
})

test('a retry puts the job where the sweep found it the first time: no chance is in it', () => {
  const { update } = resolver('Mutation.retryAgentJob.2.updateJob', { args: { id: '01JOB' } }).request()
  expect(plain(update.expressionValues)).toMatchObject({ ':dueShard': dueShard('01JOB') })
})

test.each(['publishAgentJob', 'publishDeletedAgentJob'])('%s gives its input back with what it lacks', (name) => {
  const args = { input: { id: 'a', queryType: 'x', status: 'PENDING', version: null } }
  const { payload } = resolver(`Mutation.${name}`, { args, identity: BACKEND }).request()
  expect(payload).toMatchObject({ id: 'a', version: 1, attempt: 0, priority: 'NORMAL' })
})

test('appendAgentJobEvent stores an event once', () => {
  const input = {
    jobId: 'a',
    uid: 'u1',
    seq: 1_000_001,
    attempt: 1,
    type: 'TEXT',
    data: '{"text":"x"}',
    createdAt: 'now',
    ttl: null,
  }
  const append = (given: Given = {}) =>
    resolver('Mutation.appendAgentJobEvent', { args: { input }, identity: BACKEND, ...given })
  const put = append().request()
  expect(plain(put.key)).toEqual({ jobKey: 'a#u1', seq: 1_000_001 })
  expect(plain(put.attributeValues)).toMatchObject({ jobId: 'a', uid: 'u1' })
  expect(Object.keys(put.attributeValues)).not.toContain('ttl')
  expect(put.condition.expression).toBe('attribute_not_exists(#seq)')
  const stored = { ...input, createdAt: 'before' }
  expect(append({ error: CONDITION, result: stored }).response()).toEqual(stored)
  const other = { ...stored, data: '{"text":"y"}' }
  expect(errorOf(append({ error: CONDITION, result: other }).response)).toEqual({
    errorType: 'Conflict',
    message: 'job "a" has another event with seq 1000001: count on from the last one stored',
  })
})
