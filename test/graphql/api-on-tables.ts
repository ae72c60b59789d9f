import { readFileSync } from 'node:fs'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { createDynamoDb } from '@agent-jobs/local-cloud/dynamodb'
import dataSources from '../../graphql/data-sources.json' with { type: 'json' }
import { IAM, IDENTITY, startApi } from '../../packages/local-cloud/test/appsync/appsync-world.ts'
import { EVENT_TABLE_KEYS, JOB_TABLE_KEYS, SESSION_TABLE_KEYS } from '../job-tables.ts'
import { codeOf, ENV, files } from './bundled-resolver.ts'

export const TASK = JSON.stringify({ task: { id: 't', title: 'Ship' } })
const NO_LIMITS = { openJobs: null, jobsPerMinute: null, highPriority: null }
const CREATE = `mutation ($input: CreateAgentJobInput!) {
  createAgentJob(input: $input) { id owner status version attempt createdAt runAt }
}`

export type ApiOnTables = Awaited<ReturnType<typeof startApiOnTables>>

/** The whole API on real tables: what the conditions and key expressions of the resolvers mean, DynamoDB decides here. */
export async function startApiOnTables(limits: object = {}) {
  const clock = new ManualClock(Date.parse('2026-03-01T12:00:00.000Z'))
  const dynamodb = createDynamoDb({ clock, identity: IDENTITY })
  const BillingMode = 'PAY_PER_REQUEST'
  await dynamodb.createTable({ TableName: 'jobs', BillingMode, ...JOB_TABLE_KEYS })
  await dynamodb.createTable({ TableName: 'events', BillingMode, ...EVENT_TABLE_KEYS })
  await dynamodb.createTable({ TableName: 'sessions', BillingMode, ...SESSION_TABLE_KEYS })
  const world = await startApi(
    {
      schema: readFileSync('graphql/schema.graphql', 'utf8'),
      environmentVariables: { ...ENV, OWNER_LIMITS: JSON.stringify({ ...NO_LIMITS, ...limits }) },
      dynamodb,
      dataSources: [
        { name: 'AgentJob', type: 'AMAZON_DYNAMODB', tableName: 'jobs' },
        { name: 'AgentJobEvent', type: 'AMAZON_DYNAMODB', tableName: 'events' },
        { name: 'AgentJobSession', type: 'AMAZON_DYNAMODB', tableName: 'sessions' },
        { name: 'Results', type: 'HTTP', http: { url: 'http://127.0.0.1:1' } },
        { name: 'None', type: 'NONE' },
      ],
      functions: files
        .filter((file) => /\.\d\./.test(file))
        .map((file) => ({ functionId: file, name: file, dataSourceName: dataSourceOf(file), code: codeOf(file) })),
      resolvers: resolvers(),
    },
    clock,
  )

  async function as(user: string, query: string, variables: object = {}) {
    const caller = user === 'backend' ? IAM : { authorization: await world.token(user) }
    const { data, errors } = await world.post(query, variables, caller)
    const error = errors?.[0]
    return { data, error: error && { errorType: error.errorType, message: error.message } }
  }

  return {
    clock,
    dynamodb,
    world,
    as,
    async create(user: string, id: string | undefined, more: object = {}) {
      await clock.advance(1)
      return as(user, CREATE, { input: { id, queryType: 'analyzeTask', requestData: TASK, ...more } })
    },
    async list(user: string, args = '', fields = 'id status') {
      const { data } = await as(user, `{ listAgentJobs${args} { items { ${fields} } nextToken } }`)
      const page = data.listAgentJobs
      return { ids: page.items.map(({ id }: { id: string }) => id), ...page }
    },
    /** Sets attributes of a row as a worker would. */
    async write(id: string, values: Record<string, { S: string } | { N: string }>) {
      const names = Object.keys(values)
      await dynamodb.call('UpdateItem', {
        TableName: 'jobs',
        Key: { id: { S: id } },
        UpdateExpression: `SET ${names.map((name, n) => `#${n} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#${n}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
      })
    },
    async row(id: string): Promise<Record<string, { S: string }> | undefined> {
      const { Item } = await dynamodb.call('GetItem', { TableName: 'jobs', Key: { id: { S: id } } })
      return Item as Record<string, { S: string }> | undefined
    },
    async remove(id: string) {
      await dynamodb.call('DeleteItem', { TableName: 'jobs', Key: { id: { S: id } } })
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await dynamodb.close()
    },
  }
}

function dataSourceOf(file: string): string {
  return dataSources[file as keyof typeof dataSources] ?? ''
}

function resolvers() {
  const fields = files.map((file) => file.replace(/\.ts$/, '')).filter((name) => !/\.\d\./.test(name))
  return fields.map((name) => {
    const [typeName, fieldName] = name.split('.') as [string, string]
    const base = { typeName, fieldName, code: codeOf(`${name}.ts`) }
    const functionIds = files.filter((file) => new RegExp(`^${name}\\.\\d`).test(file)).sort()
    return functionIds.length > 0
      ? { ...base, kind: 'PIPELINE' as const, functionIds }
      : { ...base, kind: 'UNIT' as const, dataSourceName: dataSourceOf(`${name}.ts`) }
  })
}
