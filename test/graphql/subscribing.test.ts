import { expect, test } from 'vitest'
import { ADMIN, errorOf, type Given, resolver } from './bundled-resolver.ts'

const filtersOf = (name: string, given: Given) => {
  const { response, invocation } = resolver(`Subscription.${name}`, given)
  expect(response()).toBeNull()
  return invocation.subscriptionFilter?.filterGroup.map(({ filters }) =>
    filters.map(({ fieldName, operator, value }) => `${fieldName} ${operator} ${value}`),
  )
}
const OWN = 'owner eq alice'

test('without a filter, one gets what is one’s own', () => {
  expect(filtersOf('onCreateAgentJob', {})).toEqual([['version eq 1', OWN]])
  expect(filtersOf('onUpdateAgentJob', { args: { owner: 'alice' } })).toEqual([['version ge 1', OWN]])
  expect(filtersOf('onDeleteAgentJob', {})).toEqual([['version ge 1', OWN]])
  expect(filtersOf('onAgentJobEvent', { args: { jobId: 'a' } })).toEqual([['jobId eq a', OWN]])
})

test('admins get everything, or one owner’s', () => {
  const identity = ADMIN
  expect(filtersOf('onUpdateAgentJob', { identity })).toEqual([['version ge 1']])
  const bobs = filtersOf('onUpdateAgentJob', { identity, args: { owner: 'bob' } })
  expect(bobs).toEqual([['version ge 1', 'owner eq bob']])
  expect(filtersOf('onAgentJobEvent', { identity, args: { jobId: 'a' } })).toEqual([['jobId eq a']])
})

test.each([
  {},
  { id: null },
  { id: {} },
  { and: [] },
  { or: [{}] },
  { and: [{ id: {} }, { id: { eq: 'a' } }] },
  { owner: { ne: 'alice' } },
  { or: [{ owner: { eq: 'bob' } }, { id: { eq: 'a' } }] },
  { status: { in: ['FAILED', 'COMPLETE'] }, id: { beginsWith: 'x' } },
])('no filter gets around the owner: %j', (filter) => {
  const groups = filtersOf('onUpdateAgentJob', { args: { filter } })
  expect(groups?.length).toBeGreaterThan(0)
  for (const group of groups ?? []) expect(group).toContain(OWN)
})

test('a filter narrows', () => {
  const filter = { or: [{ id: { eq: 'a' } }, { status: { eq: 'FAILED' } }], priority: null }
  expect(filtersOf('onUpdateAgentJob', { args: { filter } })).toEqual([
    ['id eq a', 'version ge 1', OWN],
    ['status eq FAILED', 'version ge 1', OWN],
  ])
})

test('another owner, and more than AppSync can filter by, are refused', () => {
  const refusal = (args: object) => errorOf(resolver('Subscription.onUpdateAgentJob', { args: { ...args } }).response)
  expect(refusal({ owner: 'bob' })).toEqual({
    errorType: 'Unauthorized',
    message: 'owner must be your own sub "alice" or left out, got "bob"',
  })
  const wide = { id: { eq: 'a' }, status: { eq: 'b' }, queryType: { eq: 'c' }, sessionId: { eq: 'd' } }
  expect(refusal({ filter: wide })).toEqual({
    errorType: 'BadRequest',
    message: 'filter may join at most 5 fields, got 6: id, status, queryType, sessionId, version, owner',
  })
  const many = { or: [1, 2, 3].map(() => ({ id: { in: ['a', 'b', 'c', 'd'] } })) }
  expect(refusal({ filter: many }).message).toMatch(/at most 10 alternatives .* got 12/)
})
