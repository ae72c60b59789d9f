import { validationError } from '../../aws-error.ts'
import { type Input, type Output, validate } from '../dynalite.ts'
import type { Tables } from '../tables.ts'
import { findTable } from './describe-table.ts'
import { tableName } from './describe-time-to-live.ts'

const rules = {
  types: {
    ...tableName,
    TimeToLiveSpecification: {
      type: 'FieldStruct<TimeToLiveSpecification>',
      notNull: true,
      children: {
        Enabled: { type: 'Boolean', notNull: true },
        AttributeName: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 255 },
      },
    },
  },
}

export async function updateTimeToLive(tables: Tables, input: Input): Promise<Output> {
  const { TableName, TimeToLiveSpecification: specification } = validate(input, rules) as {
    TableName: string
    TimeToLiveSpecification: { Enabled: boolean; AttributeName: string }
  }
  const { Enabled, AttributeName } = specification
  const table = findTable(tables, TableName)
  const current = table.timeToLiveAttribute
  if (Enabled && current === AttributeName) throw validationError('TimeToLive is already enabled')
  if (Enabled && current !== undefined) {
    throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`)
  }
  if (!Enabled && current === undefined) throw validationError('TimeToLive is already disabled')
  table.setTimeToLive(Enabled ? AttributeName : undefined)
  tables.save(table)
  await tables.stored
  return { TimeToLiveSpecification: specification }
}
