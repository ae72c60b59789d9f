import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import type { Mutate } from '../../engine/push/mutations.ts'
import { publishAgentJob, publishDeletedAgentJob } from '../../engine/push/mutations.ts'
import { publishRecords } from '../../lambda/publish-records.ts'
import { PermanentFailure } from '../../sdk/failures.ts'
import { recordingLog } from '../engine/recording-log.ts'

const clock = new ManualClock()
let sequence = 100
function change(row: Record<string, unknown>, eventName: 'INSERT' | 'MODIFY' | 'REMOVE' = 'MODIFY'): DynamoDBRecord {
  const image = marshall({ queryType: 'ask', status: 'PENDING', ...row }) as Record<string, never>
  return {
    eventName,
    dynamodb: {
      ApproximateCreationDateTime: 1_772_359_200,
      SequenceNumber: `${sequence++}`,
      Keys: marshall({ id: row.id }) as Record<string, never>,
      ...(eventName === 'REMOVE' ? { OldImage: image } : { NewImage: image }),
    },
  }
}

interface Pushed {
  id: string
  version: number
  [field: string]: unknown
}

async function publish(Records: DynamoDBRecord[], answer: (input: Pushed) => Promise<void> | void = () => undefined) {
  const pushed: Pushed[] = []
  const documents: string[] = []
  const log = recordingLog()
  const mutate: Mutate = async (document, input) => {
    await answer(input as Pushed)
    pushed.push(JSON.parse(JSON.stringify(input)))
    documents.push(document)
  }
  const response = await publishRecords({ mutate, clock, random: () => 1, log })({ Records })
  return { pushed, documents, log, response }
}

test('a change is pushed with what the API shows, and nothing of the engine', async () => {
  const row = {
    id: 'a',
    owner: 'me',
    status: 'PROCESSING',
    version: 2,
    createdAt: '2026-03-01T10:00:00.000Z',
    progress: 0.5,
    priority: 'HIGH',
    sessionId: 's',
    usage: { inputTokens: 1, outputTokens: 2, modelId: 'm', modelLatencyMs: 3 },
  }
  const engine = { claimToken: 't', leaseExpiresAt: 1, dueAt: 1, dueShard: 1, claims: 1, sessionKey: 'me#s' }
  const { pushed, documents, response } = await publish([change({ ...row, ...engine })])
  expect(documents).toEqual([publishAgentJob])
  expect(pushed[0]).toMatchObject(row)
  for (const name of Object.keys(engine)) expect(pushed[0]).not.toHaveProperty(name)
  expect(response).toEqual({ batchItemFailures: [] })
})

test('a row put by hand is pushed as version 1, with the time of its change', async () => {
  const { pushed } = await publish([change({ id: 'a', requestData: '{}' }, 'INSERT')])
  const at = '2026-03-01T10:00:00.000Z'
  expect(pushed[0]).toMatchObject({ id: 'a', version: 1, createdAt: at, updatedAt: at, requestData: '{}' })
  expect(pushed[0]).not.toHaveProperty('owner')
})

test('what only the engine needs stays with it', async () => {
  const inner = { claims: 1, sessionKey: 'me#s', dueAt: 1, dueShard: 1, claimToken: 't', leaseExpiresAt: 1 }
  const slices = { elapsedMs: 1, checkpointSeq: 2, throttledSince: '2026-03-01T10:00:00.000Z' }
  const { pushed } = await publish([change({ id: 'a', deadline: '2026-03-01T10:00:00.000Z', ...inner, ...slices })])
  for (const name of Object.keys({ ...inner, ...slices })) expect(pushed[0]).not.toHaveProperty(name)
  expect(pushed[0]).toMatchObject({ deadline: '2026-03-01T10:00:00.000Z' })
})

test('a result that is kept beside the row is named, shown by how it begins, and not told where it is', async () => {
  const row = { id: 'a', status: 'COMPLETE', resultKey: 'results/a/1.json', resultPreview: '{"text' }
  const { pushed } = await publish([change(row), change({ ...row, requestData: 'x'.repeat(250_000) })])
  expect(pushed[0]).toMatchObject({ resultPreview: '{"text', omitted: ['resultData'] })
  expect(pushed[1]).toMatchObject({ resultPreview: '{"text', omitted: ['resultData', 'requestData'] })
  for (const job of pushed) {
    expect(job).not.toHaveProperty('resultKey')
    expect(job).not.toHaveProperty('resultData')
  }
})

test('a row that went is pushed as deleted', async () => {
  const { pushed, documents } = await publish([change({ id: 'a', status: 'COMPLETE', resultData: '1' }, 'REMOVE')])
  expect(documents).toEqual([publishDeletedAgentJob])
  expect(pushed[0]).toMatchObject({ id: 'a', status: 'COMPLETE' })
})

test("one job's changes go in order, while another's do not wait for them", async () => {
  const slow = Promise.withResolvers<void>()
  const order: string[] = []
  const { pushed } = await publish(
    [change({ id: 'a', version: 1 }), change({ id: 'a', version: 2 }), change({ id: 'b', version: 1 })],
    async ({ id, version }) => {
      order.push(`${id}${version}`)
      if (id === 'a' && version === 1) await slow.promise
      // The other job is what sets the first one free: in sequence, this would wait for ever.
      if (id === 'b') slow.resolve()
    },
  )
  expect(order).toEqual(['a1', 'b1', 'a2'])
  expect(pushed).toHaveLength(3)
})

test('the shard resumes at the lowest change that failed, and no later change of that job is pushed', async () => {
  const records = [
    change({ id: 'a', version: 1 }),
    change({ id: 'b', version: 1 }),
    change({ id: 'a', version: 2 }),
    change({ id: 'b', version: 2 }),
    change({ id: 'a', version: 3 }),
  ]
  const { pushed, response, log } = await publish(records, ({ id, version }) => {
    if (version === 2 && (id === 'a' || id === 'b')) throw new Error('ECONNRESET')
  })
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: records[2]?.dynamodb?.SequenceNumber }] })
  expect(pushed.map(({ id, version }) => `${id}${version}`)).toEqual(['a1', 'b1'])
  expect(log.lines.join()).toMatch(/ECONNRESET/)
})

test('what was pushed behind a change that failed is not pushed once more with it', async () => {
  const records = [change({ id: 'a' }), change({ id: 'b' }), change({ id: 'a', version: 2 })]
  const pushed: string[] = []
  let isDown = true
  const mutate: Mutate = async (_document, input) => {
    const { id, version } = input as Pushed
    if (isDown && id === 'a') throw new Error('ECONNRESET')
    pushed.push(`${id}${version}`)
  }
  const handle = publishRecords({ mutate, clock, random: () => 1, log: recordingLog() })
  const first = { itemIdentifier: records[0]?.dynamodb?.SequenceNumber }
  expect(await handle({ Records: records })).toEqual({ batchItemFailures: [first] })
  isDown = false
  expect(await handle({ Records: records })).toEqual({ batchItemFailures: [] })
  expect(pushed).toEqual(['b1', 'a1', 'a2'])
})

describe('a change that is refused', () => {
  const refusal = (code: string) => new PermanentFailure({ code, message: 'no such field', remediation: 'deploy' })

  test('is named in the log and passed over: the later ones are pushed', async () => {
    const records = [change({ id: 'a', version: 1 }), change({ id: 'a', version: 2 }), change({ id: 'b' })]
    const { pushed, response, log } = await publish(records, ({ id, version }) => {
      if (id === 'a' && version === 1) throw refusal('PUBLISH_REFUSED')
    })
    expect(response).toEqual({ batchItemFailures: [] })
    expect(pushed.map(({ id, version }) => `${id}${version}`).sort()).toEqual(['a2', 'b1'])
    expect(log.lines.join()).toMatch(/ERROR A change was refused.*no such field/)
  })

  test('because the schema is older waits for it for a minute', async () => {
    const now = new ManualClock(1_772_359_200_000)
    const mutate: Mutate = () => Promise.reject(refusal('PUBLISH_NOT_IN_SCHEMA'))
    const handle = publishRecords({ mutate, clock: now, random: () => 1, log: recordingLog() })
    const Records = [change({ id: 'a' })]
    const itemIdentifier = Records[0]?.dynamodb?.SequenceNumber
    expect(await handle({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier }] })
    await now.advance(59_000)
    expect(await handle({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier }] })
    await now.advance(1_000)
    expect(await handle({ Records })).toEqual({ batchItemFailures: [] })
  })
})

describe('a change of nothing that a subscriber sees', () => {
  const row = { id: 'a', status: 'PROCESSING', version: 3, progress: 0.5, leaseExpiresAt: 1, dueAt: 1, claimToken: 't' }
  const cancelled = { status: 'CANCELLED', completedAt: '2026-03-01T10:00:00.000Z' }
  const changed = (after: object, before: object = {}) => {
    const record = change({ ...row, version: 4, updatedAt: '2026-03-01T10:00:20.000Z', ...after })
    const image = { queryType: 'ask', ...row, updatedAt: '2026-03-01T10:00:00.000Z', ...before }
    if (record.dynamodb) record.dynamodb.OldImage = marshall(image) as Record<string, never>
    return publish([record])
  }

  test.each([
    ['a heartbeat with nothing new', { leaseExpiresAt: 2, dueAt: 2 }],
    ['a checkpoint', { leaseExpiresAt: 2, dueAt: 2, checkpointSeq: 7 }],
    ['a look of the sweep', { status: 'PENDING', dueAt: 2, touches: 1 }, { status: 'PENDING' }],
    ['an end whose due time is taken away', { ...cancelled, dueAt: 2 }, cancelled],
  ])('is not pushed: %s', async (_, after, before?: object) => {
    const { pushed, response } = await changed(after, before)
    expect(pushed).toEqual([])
    expect(response).toEqual({ batchItemFailures: [] })
  })

  test.each([
    ['progress', { leaseExpiresAt: 2, progress: 0.6 }],
    ['a partial result', { leaseExpiresAt: 2, partialResult: '1' }],
    ['another state', { status: 'PENDING', dueAt: 2 }],
    ['an error that went', { dueAt: 2 }, { error: { code: 'X', message: '', remediation: '', retryable: true } }],
    ['usage', { leaseExpiresAt: 2, usage: { inputTokens: 1, outputTokens: 1, modelLatencyMs: 1 } }],
    ['a row that is written once more, as redrive does it', {}],
    ['a row that was no job before', { leaseExpiresAt: 2 }, { status: 'processing' }],
  ])('is not one with %s', async (_, after, before?: object) => {
    expect((await changed(after, before)).pushed).toHaveLength(1)
  })
})

test('at most 25 jobs are pushed at once', async () => {
  let running = 0
  let most = 0
  const records = Array.from({ length: 60 }, (_, n) => change({ id: `j${n}` }))
  const { pushed } = await publish(records, async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
  })
  expect(pushed).toHaveLength(60)
  expect(most).toBe(25)
})

test('a row whose status is unknown is named in the log and holds nothing up', async () => {
  const { pushed, response, log } = await publish([change({ id: 'a', status: 'pending' }), change({ id: 'b' })])
  expect(pushed.map(({ id }) => id)).toEqual(['b'])
  expect(response).toEqual({ batchItemFailures: [] })
  expect(log.lines.join()).toMatch(/ERROR A row is no job.*"jobId":"a"/)
})

describe('a job too large for a push', () => {
  const big = 'x'.repeat(150_000)
  test.each([
    [{ requestData: big }, undefined],
    [{ requestData: big, resultData: big }, ['requestData']],
    [{ requestData: big, resultData: `${big}${big}` }, ['requestData', 'resultData']],
    [{ requestData: '1', partialResult: `${big}${big}` }, ['partialResult']],
    // Two bytes a letter: what counts is what goes over the wire.
    [{ requestData: 'é'.repeat(120_000) }, ['requestData']],
  ])('leaves out bodies, the request first, and names them', async (bodies, omitted) => {
    const { pushed } = await publish([change({ id: 'a', status: 'COMPLETE', ...bodies })])
    expect(pushed[0]?.omitted).toEqual(omitted)
    for (const name of omitted ?? []) expect(pushed[0]).not.toHaveProperty(name)
    expect(JSON.stringify(pushed[0]).length).toBeLessThan(200_000)
  })
})
