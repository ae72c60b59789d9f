import { randomUUID } from 'node:crypto'
import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type GlobalSecondaryIndex,
} from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { createDynamoDb, type DynamoDb, type DynamoDbSettings } from '../../src/dynamodb/dynamodb.ts'
import { clientSettings, IDENTITY, openService } from '../open-service.ts'

/** A DynamoDB of its own on a free port, and the real SDK clients for it. */
export interface Target extends AsyncDisposable {
  dynamodb: DynamoDb
  url: string
  clock: ManualClock
  client: DynamoDBClient
  documents: DynamoDBDocumentClient
  streams: DynamoDBStreamsClient
  /** Creates a table over the wire, with a name of its own unless one is given; returns it and the stream's ARN. */
  table(input?: Partial<CreateTableCommandInput>): Promise<{ TableName: string; StreamArn: string }>
}

type TargetSettings = Pick<DynamoDbSettings, 'path' | 'remoteUrl'> & { clock?: ManualClock }

export async function startTarget({ clock = new ManualClock(), ...settings }: TargetSettings = {}): Promise<Target> {
  const dynamodb = createDynamoDb({ clock, identity: IDENTITY, ...settings })
  const { close, url } = await openService(dynamodb.handle)
  const client = new DynamoDBClient(clientSettings(url))
  const streams = new DynamoDBStreamsClient(clientSettings(url))
  return {
    dynamodb,
    url,
    clock,
    client,
    streams,
    documents: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    async table(input = {}) {
      const table = { ...keyId, TableName: uniqueName(), ...input }
      const { TableDescription } = await client.send(new CreateTableCommand(table))
      return { TableName: table.TableName, StreamArn: TableDescription?.LatestStreamArn ?? '' }
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      streams.destroy()
      await close()
      await dynamodb.close()
    },
  }
}

/** The same tests run on each: our own, our own behind `remoteUrl`, and DynamoDB Local where its URL is known. */
const targets: [string, () => Promise<Target>][] = [
  ['embedded', () => startTarget()],
  ['passed on to another server', startPassedOn],
]
const { DYNAMODB_LOCAL_URL } = process.env
if (DYNAMODB_LOCAL_URL) {
  targets.push(['passed on to DynamoDB Local', () => startTarget({ remoteUrl: DYNAMODB_LOCAL_URL })])
}

/** What the tests of a suite work with: one target, and on it one table for them all, an `indexedTable`. */
export interface Suite {
  targetName: string
  /** Filled before the first test. */
  target: Target
  TableName: string
  send: Target['documents']['send']
  stored(id: string): Promise<Record<string, unknown> | undefined>
}

/** Runs `tests` on each target. */
export function describeOnTargets(title: string, tests: (suite: Suite) => void): void {
  describe.each(targets)(`${title}, %s`, (targetName, start) => {
    const target = {} as Target
    const TableName = uniqueName()
    const send: Target['documents']['send'] = (...command: [never]) => target.documents.send(...command)
    const stored = async (id: string) => (await send(new GetCommand({ TableName, Key: { id } }))).Item
    beforeAll(async () => {
      Object.assign(target, await start())
      await target.table({ ...indexedTable, TableName })
    })
    afterAll(() => target[Symbol.asyncDispose]())
    tests({ targetName, target, TableName, send, stored })
  })
}

const uniqueName = () => `Table-${randomUUID()}`

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

const keyId = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} satisfies Partial<CreateTableCommandInput>

/** With sparse indexes, one with number keys, keys only. */
export const indexedTable = {
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
