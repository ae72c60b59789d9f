import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type GlobalSecondaryIndex,
} from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { ManualClock } from '../../src/clock.ts'
import { createDynamoDb, type DynamoDb, type DynamoDbSettings } from '../../src/dynamodb/dynamodb.ts'

/** A DynamoDB of its own on a free port, and the real SDK clients for it. */
export interface Target extends AsyncDisposable {
  dynamodb: DynamoDb
  url: string
  clock: ManualClock
  client: DynamoDBClient
  documents: DynamoDBDocumentClient
  streams: DynamoDBStreamsClient
  /** Creates a table with a name of its own over the wire, and returns that name and the stream's ARN. */
  table(input?: Partial<CreateTableCommandInput>): Promise<{ TableName: string; StreamArn: string }>
}

export const identity = { accountId: '000000000000', region: 'us-east-1' }
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

type TargetSettings = Pick<DynamoDbSettings, 'path' | 'remoteUrl'> & { clock?: ManualClock }

export async function startTarget({ clock = new ManualClock(), ...settings }: TargetSettings = {}): Promise<Target> {
  const dynamodb = createDynamoDb({ clock, identity, ...settings })
  const server = await listen(dynamodb)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient({ endpoint: url, region: identity.region, credentials })
  const streams = new DynamoDBStreamsClient({ endpoint: url, region: identity.region, credentials })
  return {
    dynamodb,
    url,
    clock,
    client,
    streams,
    documents: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    async table(input = {}) {
      const TableName = `Table-${randomUUID()}`
      const { TableDescription } = await client.send(new CreateTableCommand({ ...keyId, ...input, TableName }))
      return { TableName, StreamArn: TableDescription?.LatestStreamArn ?? '' }
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      streams.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await dynamodb.close()
    },
  }
}

/** The same tests run on each: our own, our own behind `remoteUrl`, and DynamoDB Local where its URL is known. */
export const targets: [string, () => Promise<Target>][] = [
  ['embedded', () => startTarget()],
  ['passed on to another server', startPassedOn],
]
const { DYNAMODB_LOCAL_URL } = process.env
if (DYNAMODB_LOCAL_URL) {
  targets.push(['passed on to DynamoDB Local', () => startTarget({ remoteUrl: DYNAMODB_LOCAL_URL })])
}

async function startPassedOn(): Promise<Target> {
  const behind = await startTarget()
  const front = await startTarget({ remoteUrl: behind.url })
  return {
    ...front,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]()
      await behind[Symbol.asyncDispose]()
    },
  }
}

async function listen(dynamodb: DynamoDb): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => dynamodb.handle(request, response, Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

const keyId = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} satisfies Partial<CreateTableCommandInput>

/** The job table's shape: sparse indexes, one with number keys, keys only. */
export const jobTable = {
  ...keyId,
  AttributeDefinitions: (
    [
      ['id', 'S'],
      ['owner', 'S'],
      ['createdAt', 'S'],
      ['dueShard', 'N'],
      ['dueAt', 'N'],
    ] as const
  ).map(([AttributeName, AttributeType]): AttributeDefinition => ({ AttributeName, AttributeType })),
  GlobalSecondaryIndexes: [index('byOwner', 'owner', 'createdAt'), index('byDue', 'dueShard', 'dueAt')],
} satisfies Partial<CreateTableCommandInput>

function index(IndexName: string, hash: string, range: string): GlobalSecondaryIndex {
  return {
    IndexName,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  }
}

/** What `promise` is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('It was expected to fail, and succeeded')
}

/** A new folder that goes with its scope. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'dynamodb-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
