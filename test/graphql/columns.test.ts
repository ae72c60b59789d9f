import { type AgentJob, isOver, type JobEventType } from '@agent-jobs/client'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { coerceInputValue, type GraphQLEnumType, type GraphQLInputType, parse, validate } from 'graphql'
import { expect, expectTypeOf, test } from 'vitest'
import { isOver as isOverInEngine, type Job, jobPriorities, jobStatuses } from '../../engine/job/job.ts'
import { appendAgentJobEvent, publishAgentJob, publishDeletedAgentJob } from '../../engine/push/mutations.ts'
import type { JobEventType as EngineEventType } from '../../engine/run/events.ts'
import { publishRecords } from '../../lambda/publish-records.ts'
import { recordingLog } from '../engine/recording-log.ts'
import { apiSchema, sampleOf } from './api-schema.ts'
import { plain, resolver } from './bundled-resolver.ts'

// A column is declared in schema.graphql. What must know of it and cannot be made of it is held against it here.

type ColumnOf<Row> = Row extends unknown ? keyof Row : never
type EngineColumn = Exclude<ColumnOf<Job>, keyof AgentJob>

/** What the row has for the engine alone, and no push may carry: AppSync would refuse each one that does. */
const ENGINE_COLUMNS: Record<EngineColumn, unknown> = {
  ...{ claims: 3, allAttempts: 2, claimToken: 'token', leaseExpiresAt: 1, dueAt: 1, elapsedMs: 1, checkpointSeq: 1 },
  ...{ throttledSince: '2026-03-01T13:00:00.000Z', sessionKey: 'me#s', resultKey: undefined, touches: 1 },
}
const inStore = { resultData: undefined, resultKey: 'results/a/1.json', dueShard: 1 }

/** What is pushed of a row. */
async function pushed(row: Record<string, unknown>): Promise<Record<string, unknown>> {
  const inputs: object[] = []
  const publish = publishRecords({
    mutate: async (_document, input) => {
      inputs.push(input)
    },
    clock: new ManualClock(),
    random: () => 1,
    log: recordingLog(),
  })
  const NewImage = marshall(row, { removeUndefinedValues: true }) as Record<string, never>
  const record: DynamoDBRecord = { eventName: 'MODIFY', dynamodb: { Keys: { id: { S: 'a' } }, NewImage } }
  expect(await publish({ Records: [record] })).toEqual({ batchItemFailures: [] })
  return JSON.parse(JSON.stringify(inputs[0]))
}

const { omitted: _made, ...columns } = sampleOf('AgentJob')
const pushes = await Promise.all(
  [...jobStatuses.map((status) => ({ status })), { status: 'COMPLETE', ...inStore }].map(async (state) => {
    const row = { ...columns, ...ENGINE_COLUMNS, ...state }
    return { row: row as Record<string, unknown>, input: await pushed(row) }
  }),
)

test('each column of the API is a field of the job', () => {
  // The types are what is tested: tsc fails when job.ts lacks a column.
  expectTypeOf<Exclude<keyof AgentJob, ColumnOf<Job>>>().toEqualTypeOf<'omitted'>()
})

test('the engine says no event that the API does not know, and the other way round', () => {
  expectTypeOf<EngineEventType>().toEqualTypeOf<JobEventType>()
})

test.each(Object.keys(columns))('%s comes from the row to the subscribers as it stands', (column) => {
  const carrying = pushes.filter(({ input }) => input[column] !== undefined)
  expect(carrying.length).toBeGreaterThan(0)
  for (const { row, input } of carrying) expect(input[column]).toEqual(row[column])
})

test.each(pushes.map(({ row, input }) => [row.status, input]))(
  'what is pushed of a %s row is no more than the API takes',
  (_, input) => {
    const faults: string[] = []
    const type = apiSchema.getType('PublishAgentJobInput') as GraphQLInputType
    coerceInputValue(input, type, (_path, _value, { message }) => faults.push(message))
    expect(faults).toEqual([])
  },
)

test.each([
  ['publishAgentJob', publishAgentJob, 'AgentJob'],
  ['publishDeletedAgentJob', publishDeletedAgentJob, 'AgentJob'],
  ['appendAgentJobEvent', appendAgentJobEvent, 'AgentJobEvent'],
])('%s selects every field, as a subscriber gets null for the rest', (_name, document, type) => {
  expect(validate(apiSchema, parse(document))).toEqual([])
  for (const field of Object.keys(sampleOf(type))) expect(document).toMatch(new RegExp(`\\b${field}\\b`))
})

test('what a create takes is put into the row', () => {
  const times = { runAt: '2026-03-01T13:00:00.000Z', deadline: '2026-03-01T14:00:00.000Z' }
  const requestData = JSON.stringify({
    date: '2026-03-02',
    workingHours: { start: '09:00', end: '17:00' },
    tasks: [{ id: 't', title: 'Ship' }],
  })
  const input = { ...sampleOf('CreateAgentJobInput'), ...times, queryType: 'planDay', requestData }
  const put = resolver('Mutation.createAgentJob.3.putJob', { args: { input } }).request()
  expect({ ...plain(put.key), ...plain(put.attributeValues) }).toMatchObject(input)
})

test.each([
  ['JobStatus', jobStatuses],
  ['JobPriority', jobPriorities],
])('the engine has the values of %s', (name, values) => {
  expect((apiSchema.getType(name) as GraphQLEnumType).getValues().map(({ value }) => value)).toEqual(values)
})

test.each(jobStatuses)('the client knows as the engine does whether %s is an end', (status) => {
  expect(isOver({ status })).toBe(isOverInEngine(status))
})
