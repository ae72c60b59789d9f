import { type TableProperties, wantedTable } from './cloudformation-table.ts'
import type { ProvidedTable } from './contract.ts'
import type { TableSchema } from './dynalite.ts'
import { type CreateTableInput, createTable } from './operations/create-table.ts'
import { setIndexes } from './operations/update-table.ts'
import { indexText, keyText, type Table } from './table.ts'
import type { Tables } from './tables.ts'

/** Makes the table as CloudFormation would: creates it, or brings the one in the state folder up to date. */
export async function provideTable(tables: Tables, properties: TableProperties): Promise<ProvidedTable> {
  const { create, timeToLiveAttribute } = wantedTable(properties)
  const existing = tables.byName.get(create.TableName)
  if (existing) update(tables, existing, create)
  else await createTable(tables, { ...create })
  const table = existing ?? (tables.byName.get(create.TableName) as Table)
  if (table.timeToLiveAttribute !== timeToLiveAttribute) table.setTimeToLive(timeToLiveAttribute)
  tables.save(table)
  await tables.stored
  const { TableName, TableArn, LatestStreamArn } = table.description
  const streamArn = table.log && LatestStreamArn
  return { tableName: TableName, tableArn: TableArn, ...(streamArn && { streamArn }) }
}

function update(tables: Tables, table: Table, wanted: CreateTableInput): void {
  refuseOtherKey(
    table.description,
    wanted,
    `in the state folder ${tables.folder ?? '(memory)'}`,
    'delete the folder to start empty',
  )
  if (!sameIndexes(table.description, wanted)) {
    setIndexes(tables, table, {
      AttributeDefinitions: wanted.AttributeDefinitions,
      GlobalSecondaryIndexes: wanted.GlobalSecondaryIndexes,
      LocalSecondaryIndexes: wanted.LocalSecondaryIndexes,
    })
  }
  tables.setStream(table, wanted.StreamSpecification?.StreamViewType)
}

export function refuseOtherKey(existing: TableSchema, wanted: TableSchema, where: string, wayOut: string): void {
  const has = keyText(existing.KeySchema, existing.AttributeDefinitions)
  const wants = keyText(wanted.KeySchema, wanted.AttributeDefinitions)
  if (has === wants) return
  throw new Error(
    `Table ${existing.TableName} ${where} has the key ${has} and the template wants ${wants}. ` +
      `A key cannot be changed (AWS would replace the table): ${wayOut}, or put the key back`,
  )
}

export function sameIndexes(existing: TableSchema, wanted: TableSchema): boolean {
  return indexTexts(existing) === indexTexts(wanted)
}

function indexTexts(table: TableSchema): string {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]
  return indexes
    .map((index) => indexText(table, index))
    .sort()
    .join('\n')
}
