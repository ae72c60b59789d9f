import type { ChangeLog } from '../change-log.ts'
import { type Input, type InputTypes, type Output, validate } from '../dynalite.ts'
import { refusal } from '../errors.ts'
import { sequenceNumber } from '../stream-record.ts'
import type { Tables } from '../tables.ts'

export const streamArn: InputTypes = {
  StreamArn: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 37, lengthLessThanOrEqual: 1024 },
}

const rules = {
  types: {
    ...streamArn,
    Limit: { type: 'Integer', greaterThanOrEqual: 1 },
    ExclusiveStartShardId: { type: 'String', lengthGreaterThanOrEqual: 28, lengthLessThanOrEqual: 65 },
  },
}

export function describeStream(tables: Tables, input: Input): Output {
  const { StreamArn, ExclusiveStartShardId } = validate(input, rules)
  const log = findLog(tables, StreamArn as string)
  const { settings, closed } = log
  const shard = {
    ShardId: settings.shardId,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(log.horizon),
      ...(closed && { EndingSequenceNumber: sequenceNumber(log.end) }),
    },
  }
  return {
    StreamDescription: {
      StreamArn: settings.arn,
      StreamLabel: settings.label,
      StreamStatus: closed ? 'DISABLED' : 'ENABLED',
      StreamViewType: settings.viewType,
      CreationRequestDateTime: Date.parse(`${settings.label}Z`) / 1000,
      TableName: settings.tableName,
      KeySchema: settings.keySchema,
      Shards: ExclusiveStartShardId === settings.shardId ? [] : [shard],
    },
  }
}

export function findLog(tables: Tables, arn: string): ChangeLog {
  const log = tables.logs.get(arn)
  if (!log) throw refusal('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`)
  return log
}
