import { type Input, type Output, validate } from '../dynalite.ts'
import type { Tables } from '../tables.ts'

const rules = {
  types: {
    TableName: { type: 'String', lengthGreaterThanOrEqual: 3, lengthLessThanOrEqual: 255, regex: '[a-zA-Z0-9_.-]+' },
    Limit: { type: 'Integer', greaterThanOrEqual: 1 },
    ExclusiveStartStreamArn: { type: 'String', lengthGreaterThanOrEqual: 37, lengthLessThanOrEqual: 1024 },
  },
}

export function listStreams(tables: Tables, input: Input): Output {
  const {
    TableName,
    Limit = 100,
    ExclusiveStartStreamArn: start,
  } = validate(input, rules) as {
    TableName?: string
    Limit?: number
    ExclusiveStartStreamArn?: string
  }
  const streams = [...tables.logs.values()]
    .map(({ settings }) => ({ StreamArn: settings.arn, TableName: settings.tableName, StreamLabel: settings.label }))
    .filter((stream) => TableName === undefined || stream.TableName === TableName)
    .sort((one, other) => (one.StreamArn < other.StreamArn ? -1 : 1))
    .filter(({ StreamArn }) => start === undefined || StreamArn > start)
  const page = streams.slice(0, Limit)
  return { Streams: page, ...(streams.length > Limit && { LastEvaluatedStreamArn: page.at(-1)?.StreamArn }) }
}
