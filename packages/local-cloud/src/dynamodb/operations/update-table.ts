import { validationError } from '../../aws-error.ts'
import { plainIndex } from '../cloudformation-table.ts'
import { type IndexSchema, type Input, type Output, type TableSchema, validate, validation } from '../dynalite.ts'
import { refusal } from '../errors.ts'
import type { Table, Throughput } from '../table.ts'
import type { Tables } from '../tables.ts'
import { type CreateTableInput, streamSpecification, throughput } from './create-table.ts'
import { describe, findTable } from './describe-table.ts'

const dynalites = validation('updateTable')
const { notNull: _, ...AttributeDefinitions } = validation('createTable').types.AttributeDefinitions as Input
const rules = {
  types: { ...dynalites.types, ...streamSpecification, AttributeDefinitions },
  // dynalite knows no streams and would call a request that only sets one empty.
  custom: (input: Input, store: { options: { maxItemSize: number } }) =>
    input.StreamSpecification ? undefined : dynalites.custom?.(input, store),
}

interface UpdateTableInput extends Partial<CreateTableInput> {
  TableName: string
  GlobalSecondaryIndexUpdates?: { Create?: IndexSchema; Delete?: { IndexName: string }; Update?: object }[]
}

export async function updateTable(tables: Tables, input: Input): Promise<Output> {
  const { TableName, ...update } = validate(withCapacity(input), rules) as unknown as UpdateTableInput
  const table = findTable(tables, TableName)
  const { description } = table
  if (update.BillingMode) description.BillingModeSummary = { BillingMode: update.BillingMode }
  if (update.ProvisionedThroughput)
    description.ProvisionedThroughput = throughput(update.ProvisionedThroughput as Throughput)
  if (update.GlobalSecondaryIndexUpdates) updateIndexes(tables, table, update)
  if (update.StreamSpecification) updateStream(tables, table, update.StreamSpecification)
  tables.save(table)
  await tables.stored
  return { TableDescription: describe(table) }
}

/** dynalite wants a capacity for every new index, AWS none for a table that is paid per request; it is not used here. */
function withCapacity(input: Input): Input {
  const { GlobalSecondaryIndexUpdates: updates } = input as Partial<UpdateTableInput>
  if (!Array.isArray(updates)) return input
  const ProvisionedThroughput = throughput({ ReadCapacityUnits: 1, WriteCapacityUnits: 1 })
  return {
    ...input,
    GlobalSecondaryIndexUpdates: updates.map((update) =>
      update?.Create ? { ...update, Create: { ProvisionedThroughput, ...update.Create } } : update,
    ),
  }
}

function updateIndexes(tables: Tables, table: Table, update: Partial<UpdateTableInput>): void {
  let indexes = table.description.GlobalSecondaryIndexes ?? []
  for (const { Create, Delete } of update.GlobalSecondaryIndexUpdates ?? []) {
    if (Delete && !indexes.some(({ IndexName }) => IndexName === Delete.IndexName)) {
      throw refusal('ResourceNotFoundException', 'Requested resource not found')
    }
    if (Delete) indexes = indexes.filter(({ IndexName }) => IndexName !== Delete.IndexName)
    if (Create) indexes = [...indexes, plainIndex(Create)]
  }
  const { AttributeDefinitions: before } = table.description
  const added = (update.AttributeDefinitions ?? []).filter(
    ({ AttributeName: name }) => !before.some(({ AttributeName }) => AttributeName === name),
  )
  setIndexes(tables, table, { AttributeDefinitions: [...before, ...added], GlobalSecondaryIndexes: indexes })
}

/** Gives the table these indexes and fills them; a failure leaves the table as it was. */
export function setIndexes(
  tables: Tables,
  table: Table,
  indexes: Pick<TableSchema, 'AttributeDefinitions' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'>,
): void {
  const { GlobalSecondaryIndexes, AttributeDefinitions } = indexes
  for (const { IndexName, KeySchema } of GlobalSecondaryIndexes ?? []) {
    for (const { AttributeName: name } of KeySchema) {
      if (AttributeDefinitions.some(({ AttributeName }) => AttributeName === name)) continue
      throw validationError(
        `One or more parameter values were invalid: AttributeDefinitions lacks ${name}, a key of the index ${IndexName}`,
      )
    }
  }
  const before = table.description
  table.description = { ...before, ...indexes }
  if (!GlobalSecondaryIndexes?.length) delete table.description.GlobalSecondaryIndexes
  try {
    tables.rebuildIndexes(table)
  } catch (error) {
    table.description = before
    tables.rebuildIndexes(table)
    throw validationError((error as Error).message)
  }
}

function updateStream(
  tables: Tables,
  table: Table,
  { StreamEnabled, StreamViewType }: NonNullable<CreateTableInput['StreamSpecification']>,
): void {
  const has = table.description.StreamSpecification !== undefined
  if (StreamEnabled === has) throw validationError(`Table ${has ? 'already has an enabled' : 'does not have a'} stream`)
  tables.setStream(table, StreamEnabled ? (StreamViewType ?? 'NEW_AND_OLD_IMAGES') : undefined)
}
