import { validationError } from '../aws-error.ts'
import { refusal } from './errors.ts'

/** What a shard iterator says: a place in a stream, and since when. */
export interface ShardIterator {
  streamArn: string
  position: number
  /** Epoch milliseconds. */
  issuedAt: number
}

/** A shard iterator can be used for 15 minutes. */
const validMs = 15 * 60 * 1000

export function encodeIterator({ streamArn, position, issuedAt }: ShardIterator): string {
  return `${streamArn}|1|${Buffer.from(JSON.stringify({ position, issuedAt })).toString('base64url')}`
}

export function decodeIterator(text: string, now: number): ShardIterator {
  const iterator = parse(text)
  if (!iterator) throw validationError('Invalid ShardIterator: it must be one that GetShardIterator or GetRecords gave')
  if (now - iterator.issuedAt > validMs) {
    const since = new Date(iterator.issuedAt).toISOString()
    throw refusal(
      'ExpiredIteratorException',
      `Iterator expired: it was created at ${since} and could be used for 15 minutes`,
    )
  }
  return iterator
}

function parse(text: string): ShardIterator | undefined {
  const [streamArn = '', version, place = ''] = text.split('|')
  if (version !== '1') return undefined
  try {
    const { position, issuedAt } = JSON.parse(Buffer.from(place, 'base64url').toString())
    if (Number.isFinite(position) && Number.isFinite(issuedAt)) return { streamArn, position, issuedAt }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return undefined
}
