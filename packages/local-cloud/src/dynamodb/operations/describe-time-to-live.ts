import { type Input, type InputTypes, type Output, validate } from '../dynalite.ts'
import type { Tables } from '../tables.ts'
import { findTable } from './describe-table.ts'

export const tableName: InputTypes = {
  TableName: { type: 'String', required: true, tableName: true, regex: '[a-zA-Z0-9_.-]+' },
}

export function describeTimeToLive(tables: Tables, input: Input): Output {
  const { TableName } = validate(input, { types: tableName })
  const { timeToLiveAttribute: attribute } = findTable(tables, TableName as string)
  return {
    TimeToLiveDescription: attribute
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: attribute }
      : { TimeToLiveStatus: 'DISABLED' },
  }
}
