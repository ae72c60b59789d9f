import { expect, test } from 'vitest'
import { agents } from '../../agents/index.ts'
import { dueShard as shardOf } from '../../engine/job/due.ts'
import { ADMIN, ALICE, CONDITION, errorOf, type Given, NOW, plain, resolver } from './bundled-resolver.ts'

const PLAN = {
  date: '2026-03-02',
  workingHours: { start: '09:00', end: '17:00' },
  tasks: [{ id: 't1', title: 'Ship' }],
}

/** The check and the write of one create, as far as they come without the counts between. */
function create(input: Record<string, unknown>, given: Given = {}) {
  const whole = { queryType: 'planDay', requestData: JSON.stringify(PLAN), ...input }
  const stash = given.stash ?? {}
  const check = resolver('Mutation.createAgentJob', { args: { input: whole }, ...given, stash })
  const put = resolver('Mutation.createAgentJob.3.putJob', { args: { input: whole }, ...given, stash })
  return {
    ...put,
    request() {
      check.request()
      return put.request()
    },
  }
}

test('writes a whole new row, on the condition that there is none', () => {
  const put = create({ id: 'job-1', sessionId: 's', runAt: '2026-03-01T14:00:00+01:00', priority: 'LOW' }).request()
  expect(put).toMatchObject({ operation: 'PutItem', condition: { expression: 'attribute_not_exists(#id)' } })
  expect(plain(put.key)).toEqual({ id: 'job-1' })
  const { dueShard, uid, ...row } = plain(put.attributeValues)
  expect(uid).toMatch(/^[0-9a-f-]{36}$/)
  expect(row).toEqual({
    owner: 'alice',
    openOwner: 'alice',
    queryType: 'planDay',
    status: 'PENDING',
    requestData: JSON.stringify(PLAN),
    priority: 'LOW',
    sessionId: 's',
    sessionKey: 'alice#s',
    runAt: '2026-03-01T13:00:00.000Z',
    attempt: 0,
    claims: 0,
    version: 1,
    dueAt: Date.parse('2026-03-01T12:47:00Z'),
    createdAt: '2026-03-01T12:00:00.000Z',
    updatedAt: '2026-03-01T12:00:00.000Z',
  })
  expect(dueShard).toBe(shardOf(String(plain(put.key).id)))
})

test('makes a ULID when no id is given, and takes null for "not given"', () => {
  const put = create({ id: null, runAt: null, ttl: null }).request()
  expect(plain(put.key).id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  expect(Object.keys(put.attributeValues)).not.toContain('runAt')
  expect(plain(put.attributeValues).dueAt).toBe(NOW + 300_000)
})

test.each([
  [
    'far',
    '2026-03-01T12:15:01Z',
    '2026-03-01T12:02:01Z',
    'handed to the queue by the sweep, which can delay it by 15 minutes',
  ],
  ['near', '2026-03-01T12:15:00Z', '2026-03-01T12:20:00Z', 'in the queue already, and looked at when nobody took it'],
  ['just past', '2026-03-01T11:59:00Z', '2026-03-01T12:05:00Z', 'due at once, as clocks differ'],
])('a %s start is looked at in time', (_, runAt, dueAt) => {
  expect(plain(create({ runAt }).request().attributeValues).dueAt).toBe(Date.parse(dueAt))
})

test.each([
  ['before anybody would look otherwise', '2026-03-01T12:01:00Z', {}, '2026-03-01T12:01:00.000Z'],
  ['later than the first look', '2026-03-01T14:00:00Z', {}, '2026-03-01T12:05:00.000Z'],
  ['of a far start', '2026-03-01T14:00:00Z', { runAt: '2026-03-01T13:59:59Z' }, '2026-03-01T13:46:59.000Z'],
])('a deadline %s is noticed in time', (_, deadline, input, dueAt) => {
  const row = plain(create({ deadline, ...input }).request().attributeValues)
  expect(row).toMatchObject({ deadline: new Date(deadline).toISOString(), dueAt: Date.parse(dueAt) })
})

test('a repeated create whose times have passed answers with the job that stands, and writes nothing', () => {
  const input = { id: 'job-1', deadline: '2026-03-01T11:59:59Z' }
  expect(create(input).request()).toMatchObject({ operation: 'GetItem', consistentRead: true })
  const answer = (result: unknown) =>
    create(input, { stash: { refusal: { errorType: 'BadRequest', message: 'deadline must be after now' } }, result })
      .response
  expect(answer({ id: 'job-1', owner: 'alice', status: 'COMPLETE' })()).toMatchObject({ id: 'job-1', version: 1 })
  for (const result of [null, { id: 'job-1', owner: 'bob' }]) {
    expect(errorOf(answer(result))).toEqual({ errorType: 'BadRequest', message: 'deadline must be after now' })
  }
})

test.each<[string, Record<string, unknown>, string]>([
  ['an unknown agent', { queryType: 'x' }, `queryType must be one of ${Object.keys(agents).join(', ')}, got "x"`],
  ['a name that every object has', { queryType: 'constructor' }, 'queryType must be one of'],
  ['no JSON', { requestData: '{"date":' }, 'requestData must be JSON text, got "{\\"date\\":"'],
  ['an empty string', { requestData: '' }, 'requestData must be JSON text, got ""'],
  ['JSON of the wrong type', { requestData: '""' }, 'requestData must be an object, got ""'],
  ['too many bytes', { requestData: JSON.stringify('é'.repeat(131_072)) }, 'at most 262144 bytes (256 KB), got 262146'],
  ['a strange id', { id: 'a b' }, 'id must be 1 to 128 characters of A-Z a-z 0-9 _ -, got "a b"'],
  ['an empty id', { id: '' }, 'id must be'],
  ['a strange session', { sessionId: 'a#b' }, 'sessionId must be 1 to 64 characters'],
  ['no time', { timeoutSeconds: 0 }, 'timeoutSeconds must be a whole number from 1 to 86400, got 0'],
  ['too much time', { timeoutSeconds: 86_401 }, 'got 86401'],
  ['no attempts', { maxAttempts: 0 }, 'maxAttempts must be a whole number from 1 to 20, got 0'],
  ['a start in the past', { runAt: '2026-03-01T11:58:59Z' }, 'runAt must be a time from now to a year from now'],
  ['a start out of sight', { runAt: '2027-03-02T12:00:01Z' }, 'got "2027-03-02T12:00:01Z"'],
  [
    'a deadline that is past',
    { deadline: '2026-03-01T12:00:00Z' },
    'deadline must be after now (2026-03-01T12:00:00.0',
  ],
  [
    'a deadline before the start',
    { runAt: '2026-03-01T13:00:00Z', deadline: '2026-03-01T13:00:00Z' },
    'deadline must be after runAt (2026-03-01T13:00:00.000Z), got "2026-03-01T13:00:00Z"',
  ],
  ['a negative time-out', { timeoutSeconds: -5 }, 'got -5'],
  ['absurd attempts', { maxAttempts: 21 }, 'got 21'],
  [
    'a ttl before the start',
    { runAt: '2026-03-01T13:00:00Z', ttl: NOW / 1000 + 3600 },
    'ttl must be after runAt (2026-03-01T13:00:00.000Z)',
  ],
  ['a ttl that is past', { ttl: NOW / 1000 - 1 }, 'ttl must be a time to come, in seconds'],
  ['a ttl in milliseconds', { ttl: NOW + 1000 }, 'not milliseconds'],
])('refuses %s before anything is written', (_, input, message) => {
  const error = errorOf(() => create(input).request())
  expect(error).toEqual({ errorType: 'BadRequest', message: expect.stringContaining(message) })
})

test('takes exactly 256 KB', () => {
  const words = { ...PLAN, tasks: [{ id: 't', title: 'é' }], note: '' }
  const note = 'é'.repeat((262_144 - Buffer.byteLength(JSON.stringify(words))) / 2)
  const requestData = JSON.stringify({ ...words, note })
  expect(Buffer.byteLength(requestData)).toBeGreaterThan(262_140)
  expect(create({ requestData }).request().operation).toBe('PutItem')
})

test('refuses input that the agent does not take, and says what it takes', () => {
  const tasks = [PLAN.tasks[0], { id: 't2', title: 17, priority: 'URGENT' }]
  const { message } = errorOf(() => create({ requestData: JSON.stringify({ ...PLAN, date: 'now', tasks }) }).request())
  expect(message.split('; ')).toEqual([
    'requestData.date must be a date such as 2026-01-31, got "now"',
    'requestData.tasks[1].title must be a string of 1 to 300 characters, got 17',
    'requestData.tasks[1].priority must be one of HIGH, MEDIUM, LOW, got "URGENT"',
  ])
  const missing = errorOf(() => create({ requestData: '{}' }).request()).message
  expect(missing).toContain('requestData.tasks is missing: it must be a list of 1 to 200 items')
})

test('tells no more than five faults', () => {
  const tasks = Array.from({ length: 8 }, () => ({ id: 't', title: '' }))
  const { message } = errorOf(() => create({ requestData: JSON.stringify({ ...PLAN, tasks }) }).request())
  expect(message.split('; ')).toHaveLength(6)
  expect(message).toMatch(/and 3 more$/)
})

test('the same create again answers with the job that stands', () => {
  const result = { id: 'job-1', owner: 'alice', queryType: 'planDay', status: 'COMPLETE', version: 3 }
  expect(create({ id: 'job-1' }, { error: CONDITION, result }).response()).toMatchObject({ status: 'COMPLETE' })
})

test.each([{ owner: 'bob' }, {}])("refuses the id of somebody else's job (%o)", (row) => {
  const result = { id: 'job-1', status: 'PENDING', ...row }
  for (const identity of [ALICE, ADMIN]) {
    const error = errorOf(create({ id: 'job-1' }, { error: CONDITION, result, identity }).response)
    expect(error).toEqual({ errorType: 'Conflict', message: expect.stringContaining('id "job-1" is taken') })
  }
})

test('passes any other error of the table on', () => {
  const error = { type: 'DynamoDB:ProvisionedThroughputExceededException', message: 'slow down' }
  expect(errorOf(create({}, { error }).response)).toEqual({ errorType: error.type, message: 'slow down' })
})
