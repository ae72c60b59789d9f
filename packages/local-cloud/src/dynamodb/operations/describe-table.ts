import { type IndexSchema, type Input, type Output, validate, validation } from '../dynalite.ts'
import { tableNotFound } from '../errors.ts'
import type { Table } from '../table.ts'
import type { Tables } from '../tables.ts'

const rules = validation('describeTable')

export function describeTable(tables: Tables, input: Input): Output {
  const { TableName } = validate(input, rules)
  return { Table: describe(findTable(tables, TableName as string)) }
}

export function findTable(tables: Tables, name: string): Table {
  const table = tables.byName.get(name)
  if (!table) throw tableNotFound(name)
  return table
}

/** The description with counts of this moment, where AWS's are up to six hours old. */
export function describe(table: Table): Output {
  const { GlobalSecondaryIndexes: global, LocalSecondaryIndexes: local, ...description } = table.description
  const index = (schema: IndexSchema) => ({
    ...schema,
    IndexArn: `${description.TableArn}/index/${schema.IndexName}`,
    ItemCount: table.index(schema.IndexName).size,
    IndexSizeBytes: size(table.index(schema.IndexName).values()),
  })
  return structuredClone({
    ...description,
    ItemCount: table.items.size,
    TableSizeBytes: size(table.items.values()),
    ...(global && { GlobalSecondaryIndexes: global.map((schema) => ({ ...index(schema), IndexStatus: 'ACTIVE' })) }),
    ...(local && { LocalSecondaryIndexes: local.map(index) }),
  })
}

function size(texts: Iterable<string>): number {
  let sum = 0
  for (const text of texts) sum += text.length
  return sum
}
