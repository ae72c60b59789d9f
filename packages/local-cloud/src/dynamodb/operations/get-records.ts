import type { Change } from '../change-log.ts'
import { type Input, type Output, validate } from '../dynalite.ts'
import { decodeIterator, encodeIterator } from '../shard-iterator.ts'
import { apiRecord } from '../stream-record.ts'
import type { Tables } from '../tables.ts'
import { findLog } from './describe-stream.ts'
import { trimmed } from './get-shard-iterator.ts'

const rules = {
  types: {
    ShardIterator: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 2048 },
    Limit: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: 1000 },
  },
}

/** One answer holds no more than this, but always one record if there is one. */
const maxCharacters = 1024 * 1024

export function getRecords(tables: Tables, input: Input): Output {
  const { ShardIterator, Limit = 1000 } = validate(input, rules) as { ShardIterator: string; Limit?: number }
  const now = tables.clock.now()
  const { streamArn, position } = decodeIterator(ShardIterator, now)
  const log = findLog(tables, streamArn)
  if (position < log.horizon) throw trimmed()
  const changes = firstMegabyte(log.read(position, Limit))
  const next = (changes.at(-1)?.position ?? position - 1) + 1
  return {
    Records: changes.map((change) => apiRecord(change, log.settings, tables.identity.region)),
    // A closed shard that has been read to its end has no next iterator.
    ...(!(log.closed && next >= log.end) && {
      NextShardIterator: encodeIterator({ streamArn, position: next, issuedAt: now }),
    }),
  }
}

function firstMegabyte(changes: Change[]): Change[] {
  let left = maxCharacters
  const end = changes.findIndex(({ oldImage = '', newImage = '' }, index) => {
    left -= oldImage.length + newImage.length
    return left < 0 && index > 0
  })
  return end < 0 ? changes : changes.slice(0, end)
}
