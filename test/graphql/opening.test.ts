import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawClient } from '../../packages/local-cloud/test/appsync/appsync-world.ts'
import { type ApiOnTables, startApiOnTables } from './api-on-tables.ts'

// Subscriptions as AppSync's real-time endpoint opens them, or does not.

let api: ApiOnTables
beforeAll(async () => {
  api = await startApiOnTables()
})
afterAll(() => api?.[Symbol.asyncDispose]())

async function answerTo(query: string, variables: object = {}, authorization?: Record<string, unknown>) {
  const token = { Authorization: await api.world.token('alice') }
  const client = await RawClient.connect(api.world, token)
  client.start('1', query, variables, (authorization ?? token) as Record<string, string>)
  const { type, payload } = await client.next()
  client.socket.close()
  return payload ? payload.errors[0] : type
}

const ON_UPDATE =
  'subscription ($filter: ModelSubscriptionAgentJobFilterInput) { onUpdateAgentJob(filter: $filter) { id } }'

test.each([
  'subscription { onUpdateAgentJob @include(if: false) { id } }',
  'subscription { onUpdateAgentJob @include(if: true) { id } }',
  'subscription ($s: Boolean = true) { onUpdateAgentJob @skip(if: $s) { id } }',
  'subscription ($s: Boolean! = false) { ... @include(if: $s) { onDeleteAgentJob { id } } }',
  'subscription { ...News } fragment News on Subscription { ... on Subscription { onCreateAgentJob @skip(if: true) { id } } }',
  'subscription { ...News @skip(if: true) } fragment News on Subscription { onAgentJobEvent(jobId: "a") { seq } }',
])('one whose resolver might not run stays shut: %s', async (query) => {
  expect((await answerTo(query)).message).toMatch(/root field of a subscription must not use @skip nor @include/)
})

test.each([
  'subscription { onUpdateAgentJob { id status @include(if: false) } }',
  'subscription { ...News } fragment News on Subscription { onUpdateAgentJob { id } }',
])('one whose resolver runs opens: %s', async (query) => {
  expect(await answerTo(query)).toBe('start_ack')
})

test.each([{ id: { in: null } }, { and: [null], or: null, status: { eq: null } }, null, { version: { gt: 2 } }])(
  'a filter that leaves out by null, or names a field of ours, opens: %j',
  async (filter) => {
    expect(await answerTo(ON_UPDATE, { filter })).toBe('start_ack')
  },
)

test('a filter within a filter is refused by the schema', async () => {
  const filter = { and: [{ or: [{ id: { eq: 'a' } }] }] }
  expect((await answerTo(ON_UPDATE, { filter })).message).toContain("'or'")
})

test('what AppSync could not filter by is refused with the way out', async () => {
  const filter = { id: { in: ['a', 'b', 'c', 'd', 'e', 'f'] } }
  expect(await answerTo(ON_UPDATE, { filter })).toMatchObject({
    errorType: 'BadRequest',
    message: expect.stringContaining('id.in must be 1 to 5 values, got 6'),
  })
})

test.each([[7], [{ a: 1 }], [['x']], [null], [true]])(
  'an Authorization of a start that is no token is denied: %j',
  async (Authorization) => {
    expect(await answerTo(ON_UPDATE, {}, { Authorization })).toMatchObject({ errorType: 'UnauthorizedException' })
  },
)

test('a start before connection_init is authorised all the same', async () => {
  const client = new RawClient(api.world.realtimeUrl, ['graphql-ws'], {
    headers: { Authorization: await api.world.token('alice') },
  })
  await client.opened()
  client.start('1', ON_UPDATE, {}, { Authorization: 'x' })
  expect((await client.next()).payload.errors[0]).toMatchObject({ errorType: 'UnauthorizedException' })
  client.start('2', ON_UPDATE, {}, { Authorization: await api.world.token('alice') })
  expect(await client.next()).toMatchObject({ type: 'start_ack', id: '2' })
  client.socket.close()
})

test.each(['2027-02-30T00:00:00Z', '2027-04-31T00:00:00Z', '2027-02-29T00:00:00Z'])(
  'a day that does not exist is no time to start: %s',
  async (runAt) => {
    const { error } = await api.create('alice', 'never', { runAt })
    expect(error?.message).toContain('DateTime')
    expect(await api.row('never')).toBeUndefined()
  },
)
