import { type Input, type Output, validate, validation } from '../dynalite.ts'
import type { Tables } from '../tables.ts'
import { describe, findTable } from './describe-table.ts'

const rules = validation('deleteTable')

export async function deleteTable(tables: Tables, input: Input): Promise<Output> {
  const table = findTable(tables, validate(input, rules).TableName as string)
  table.description.TableStatus = 'DELETING'
  const description = describe(table)
  tables.remove(table)
  await tables.stored
  return { TableDescription: description }
}
