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
  { id: { in: null } },
  { and: null, or: [null, { id: null }, { id: { eq: null } }], status: { notIn: null } },
  { and: [] },
  { or: [{}] },
  { and: [{ id: {} }, { id: { eq: 'a' } }] },
  { owner: { ne: 'bob' } },
  { owner: { in: ['bob', 'alice'] }, version: { gt: 2 } },
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

const asked = (filter: object) => filtersOf('onUpdateAgentJob', { args: { filter } })

test('what two conditions say of one field is one rule, where it can be', () => {
  expect(asked({ version: { gt: 2 } })).toEqual([['version gt 2', OWN]])
  expect(asked({ owner: { eq: 'alice' }, id: { eq: 'a' } })).toEqual([['id eq a', 'version ge 1', OWN]])
  const from = { createdAt: { ge: '2026-01' } }
  expect(asked({ and: [from, { createdAt: { le: '2026-02' } }] })).toEqual([
    ['createdAt between 2026-01,2026-02', 'version ge 1', OWN],
  ])
  expect(asked({ ...from, and: [from] })).toEqual([['createdAt ge 2026-01', 'version ge 1', OWN]])
  expect(asked({ or: [{ owner: { eq: 'bob' } }, { id: { eq: 'a' } }] })).toEqual([['id eq a', 'version ge 1', OWN]])
  const created = { version: { le: 1 } }
  expect(filtersOf('onCreateAgentJob', { args: { filter: created } })).toEqual([['version eq 1', OWN]])
})

const refusal = (args: object) => errorOf(resolver('Subscription.onUpdateAgentJob', { args: { ...args } }).response)

test('another owner is refused', () => {
  expect(refusal({ owner: 'bob' })).toEqual({
    errorType: 'Unauthorized',
    message: 'owner must be your own sub "alice" or left out, got "bob"',
  })
})

const six = ['a', 'b', 'c', 'd', 'e', 'f']
test.each<[object, string]>([
  [
    { id: { eq: 'a' }, status: { eq: 'b' }, queryType: { eq: 'c' }, sessionId: { eq: 'd' } },
    'at most 5 fields, got 6: id',
  ],
  [{ or: [1, 2, 3].map(() => ({ id: { in: ['a', 'b', 'c', 'd'] } })) }, 'got 12'],
  [
    { or: six.concat(six).map((id) => ({ id: { eq: id } })) },
    'at most 10 alternatives (each value of "in" is one), got 12',
  ],
  [{ id: { in: six } }, 'id.in must be 1 to 5 values, got 6'],
  [{ id: { notIn: six } }, 'id.notIn must be 1 to 5 values, got 6'],
  [{ id: { in: [] } }, 'id.in must be 1 to 5 values, got 0'],
  [{ id: { in: ['a', null] } }, 'got null among them'],
  [{ id: { between: ['a'] } }, 'id.between must be two values, from and to, got 1'],
  [{ status: { eq: 'x'.repeat(257) } }, 'status.eq must be at most 256 characters, got 257'],
  [{ or: [{ id: { in: ['a', 'x'.repeat(300)] } }] }, 'got 300'],
  [{ and: [{ id: { gt: 'a' } }, { id: { lt: 'b' } }] }, 'one condition on id, got several: name it once, "between"'],
  [{ owner: { eq: 'bob' } }, 'lets no job through that you may see'],
  [{ owner: { ne: 'alice' } }, 'lets no job through that you may see'],
])('what AppSync could not filter by is refused: %j', (filter, message) => {
  expect(refusal({ filter })).toEqual({ errorType: 'BadRequest', message: expect.stringContaining(message) })
})

test('so is a job whose id is longer than any', () => {
  const events = resolver('Subscription.onAgentJobEvent', { args: { jobId: 'x'.repeat(257) } })
  expect(errorOf(events.response)).toMatchObject({ errorType: 'BadRequest', message: expect.stringContaining('jobId') })
})
