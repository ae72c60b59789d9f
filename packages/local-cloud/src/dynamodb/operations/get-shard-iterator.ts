import { validationError } from '../../aws-error.ts'
import type { ChangeLog } from '../change-log.ts'
import { type Input, type Output, validate } from '../dynalite.ts'
import { refusal } from '../errors.ts'
import { encodeIterator } from '../shard-iterator.ts'
import { positionOf } from '../stream-record.ts'
import type { Tables } from '../tables.ts'
import { findLog, streamArn } from './describe-stream.ts'

const rules = {
  types: {
    ...streamArn,
    ShardId: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 28, lengthLessThanOrEqual: 65 },
    ShardIteratorType: {
      type: 'String',
      notNull: true,
      enum: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'],
    },
    SequenceNumber: { type: 'String', lengthGreaterThanOrEqual: 21, lengthLessThanOrEqual: 40 },
  },
}

export function getShardIterator(tables: Tables, input: Input): Output {
  const { StreamArn, ShardId, ShardIteratorType, SequenceNumber } = validate(input, rules) as Record<string, string>
  const log = findLog(tables, StreamArn as string)
  if (ShardId !== log.settings.shardId) {
    throw refusal('ResourceNotFoundException', `Requested resource not found: Shard does not exist: ${ShardId}`)
  }
  const position = startOf(log, ShardIteratorType as string, SequenceNumber)
  return { ShardIterator: encodeIterator({ streamArn: log.settings.arn, position, issuedAt: tables.clock.now() }) }
}

function startOf(log: ChangeLog, type: string, sequence: string | undefined): number {
  if (type === 'LATEST') return log.end
  if (type === 'TRIM_HORIZON') return log.horizon
  if (sequence === undefined) {
    throw validationError(`The parameter SequenceNumber must be specified when ShardIteratorType is ${type}`)
  }
  const position = positionOf(sequence)
  if (position === undefined) throw validationError(`Invalid SequenceNumber: ${sequence} is not one of this shard`)
  if (position < log.horizon) throw trimmed()
  return type === 'AT_SEQUENCE_NUMBER' ? position : position + 1
}

export const trimmed = () =>
  refusal(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard: its records of more than 24 hours ago are gone',
  )
