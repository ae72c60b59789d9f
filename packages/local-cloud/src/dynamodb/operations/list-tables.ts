import { type Input, type Output, validate, validation } from '../dynalite.ts'
import type { Tables } from '../tables.ts'

const rules = validation('listTables')

export function listTables(tables: Tables, input: Input): Output {
  const { Limit = 100, ExclusiveStartTableName: start } = validate(input, rules) as {
    Limit?: number
    ExclusiveStartTableName?: string
  }
  const names = [...tables.byName.keys()].sort().filter((name) => start === undefined || name > start)
  const page = names.slice(0, Limit)
  return { TableNames: page, ...(names.length > Limit && { LastEvaluatedTableName: page.at(-1) }) }
}
