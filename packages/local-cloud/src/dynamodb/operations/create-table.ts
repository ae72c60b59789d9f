import { randomUUID } from 'node:crypto'
import type { StreamViewType } from '../change-log.ts'
import { type IndexSchema, type Input, type InputTypes, type Output, validate, validation } from '../dynalite.ts'
import { refusal } from '../errors.ts'
import type { TableDescription, Throughput } from '../table.ts'
import type { Tables } from '../tables.ts'
import { describe } from './describe-table.ts'

/** What dynalite leaves out of CreateTable and UpdateTable. */
export const streamSpecification: InputTypes = {
  StreamSpecification: {
    type: 'FieldStruct<StreamSpecification>',
    children: {
      StreamEnabled: { type: 'Boolean', notNull: true },
      StreamViewType: { type: 'String', enum: ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'] },
    },
  },
}

const dynalites = validation('createTable')
const rules = { ...dynalites, types: { ...dynalites.types, ...streamSpecification } }

export interface CreateTableInput extends Pick<TableDescription, 'TableName' | 'KeySchema' | 'AttributeDefinitions'> {
  BillingMode?: string
  ProvisionedThroughput?: Throughput
  GlobalSecondaryIndexes?: IndexSchema[]
  LocalSecondaryIndexes?: IndexSchema[]
  StreamSpecification?: { StreamEnabled: boolean; StreamViewType?: StreamViewType }
}

export async function createTable(tables: Tables, input: Input): Promise<Output> {
  const checked = validate(input, rules) as unknown as CreateTableInput
  const { TableName: name, BillingMode, StreamSpecification: stream } = checked
  if (tables.byName.has(name)) throw refusal('ResourceInUseException', `Table already exists: ${name}`)
  const { accountId, region } = tables.identity
  const table = tables.add({
    TableName: name,
    KeySchema: checked.KeySchema,
    AttributeDefinitions: checked.AttributeDefinitions,
    TableArn: `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
    TableId: randomUUID(),
    // AWS answers CREATING and takes seconds; here there is nothing to wait for.
    TableStatus: 'ACTIVE',
    CreationDateTime: tables.clock.now() / 1000,
    ProvisionedThroughput: throughput(checked.ProvisionedThroughput),
    ...(BillingMode && { BillingModeSummary: { BillingMode } }),
    ...(checked.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: checked.GlobalSecondaryIndexes }),
    ...(checked.LocalSecondaryIndexes && { LocalSecondaryIndexes: checked.LocalSecondaryIndexes }),
  })
  if (stream?.StreamEnabled) tables.setStream(table, stream.StreamViewType ?? 'NEW_AND_OLD_IMAGES')
  tables.save(table)
  await tables.stored
  return { TableDescription: describe(table) }
}

export function throughput({ ReadCapacityUnits = 0, WriteCapacityUnits = 0 }: Partial<Throughput> = {}): Throughput {
  return { ReadCapacityUnits, WriteCapacityUnits, NumberOfDecreasesToday: 0 }
}
