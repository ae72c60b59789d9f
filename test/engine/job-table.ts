import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { systemClock } from '@agent-jobs/local-cloud/clock'
import { createDynamoDb } from '@agent-jobs/local-cloud/dynamodb'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { jobKey } from '../../engine/job/job-key.ts'
import type { EventTable } from '../../engine/store/checkpoints.ts'
import type { SessionTable } from '../../engine/store/sessions.ts'
import type { JobTable } from '../../engine/store/write.ts'
import { EVENT_TABLE_KEYS, JOB_TABLE_KEYS, SESSION_TABLE_KEYS } from '../job-tables.ts'

const identity = { accountId: '000000000000', region: 'us-east-1' }
const table = 'AgentJob'
const eventTable = 'AgentJobEvent'
const sessionTable = 'AgentJobSession'

export type TestTable = Awaited<ReturnType<typeof startTable>>

/** A job table of its own behind DynamoDB's real protocol, which tells the test about each call that has ended. */
export async function startTable() {
  const dynamodb = createDynamoDb({ clock: systemClock, identity })
  const server = createServer(async (request, response) => dynamodb.handle(request, response, await buffer(request)))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: identity.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  await createTables(client)
  const calls: string[] = []
  const updates: string[] = []
  const waiting: { command: string; resolve(): void }[] = []
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const { UpdateExpression } = args.input as { UpdateExpression?: string }
        if (UpdateExpression) updates.push(UpdateExpression)
        try {
          return await next(args)
        } finally {
          calls.push(commandName)
          const index = waiting.findIndex(({ command }) => command === commandName)
          if (index >= 0) waiting.splice(index, 1)[0]?.resolve()
        }
      },
    { step: 'initialize' },
  )
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  const jobs: JobTable = { documents, table, resultTtlSeconds: 604_800 }
  const events: EventTable = { documents, table: eventTable }
  const sessions: SessionTable = { documents, table: sessionTable }
  return {
    jobs,
    events,
    sessions,
    documents,
    /** The names of the calls that have ended. */
    calls,
    /** What was asked to be changed, in order. */
    updates,
    /** Resolves when the next call of this name has ended. */
    ended: (command: string) =>
      new Promise<void>((resolve) => {
        waiting.push({ command, resolve })
      }),
    put: (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName: table, Item })),
    putEvent: (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName: eventTable, Item })),
    delete: (id: string) => documents.send(new DeleteCommand({ TableName: table, Key: { id } })),
    putSession: (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName: sessionTable, Item })),
    /** The item of a session as it stands. */
    async session(sessionKey: string): Promise<Record<string, unknown> | undefined> {
      return (await documents.send(new GetCommand({ TableName: sessionTable, Key: { sessionKey } }))).Item
    },
    /** What cancelAgentJob does to the row. */
    cancel: (id: string) =>
      documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: 'SET #status = :cancelled REMOVE claimToken, leaseExpiresAt, dueShard, dueAt, openOwner',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':cancelled': 'CANCELLED' },
        }),
      ),
    /** The checkpoints that are stored of a job, in order. */
    async checkpoints(id: string): Promise<Record<string, unknown>[]> {
      const { Item: row } = await documents.send(new GetCommand({ TableName: table, Key: { id } }))
      const values = { ':key': jobKey(id, row?.uid) }
      const query = { KeyConditionExpression: 'jobKey = :key', ExpressionAttributeValues: values }
      const { Items = [] } = await documents.send(new QueryCommand({ TableName: eventTable, ...query }))
      return Items
    },
    async row(id: string): Promise<Record<string, unknown>> {
      const { Item } = await documents.send(new GetCommand({ TableName: table, Key: { id } }))
      return Item ?? {}
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await dynamodb.close()
    },
  }
}

async function createTables(client: DynamoDBClient) {
  const BillingMode = 'PAY_PER_REQUEST'
  await client.send(new CreateTableCommand({ TableName: table, BillingMode, ...JOB_TABLE_KEYS }))
  await client.send(new CreateTableCommand({ TableName: eventTable, BillingMode, ...EVENT_TABLE_KEYS }))
  await client.send(new CreateTableCommand({ TableName: sessionTable, BillingMode, ...SESSION_TABLE_KEYS }))
}
