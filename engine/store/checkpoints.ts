import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import type { ClaimedJob } from '../job/job.ts'
import { jobKey } from '../job/job-key.ts'
import type { Log } from '../log.ts'
import { conditional } from './write.ts'

export interface EventTable {
  documents: DynamoDBDocumentClient
  table: string
}

/** Where an agent stands, as JSON text, and the number that the event which holds it has. */
export interface Checkpoint {
  seq: number
  state: string
  ttl: number
  /** Of the agent that wrote it. */
  format: string | undefined
}

// DynamoDB refuses an item over 400 KB; the rest of the row is small.
const MAX_STATE_BYTES = 350_000

/** Stores where the agent stands. False when that is too much for one item: the checkpoint before stays the last. */
export async function storeCheckpoint(
  { documents, table }: EventTable,
  job: ClaimedJob,
  { seq, state, ttl, format }: Checkpoint,
  now: number,
): Promise<boolean> {
  const packed = await pack(state)
  if (!packed) return false
  const { id: jobId, uid, owner, attempt, queryType } = job
  const by = { jobKey: jobKey(jobId, uid), seq, jobId, uid, owner, attempt, queryType, format }
  const Item = { ...by, type: 'CHECKPOINT', ...packed, createdAt: isoTime(now), ttl }
  // The number is ours alone, so what stands there already is this very item: the SDK repeats a write whose answer was lost.
  await conditional(() =>
    documents.send(new PutCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(seq)' })),
  )
  return true
}

/** Where the agent of this job stood last. Undefined on a fresh start, and when it cannot be told any more. */
export async function readCheckpoint(
  { documents, table }: EventTable,
  job: ClaimedJob,
  format: string | undefined,
  log: Log,
): Promise<unknown> {
  const { id: jobId, uid, queryType, checkpointSeq: seq } = job
  if (seq === undefined) return undefined
  const Key = { jobKey: jobKey(jobId, uid), seq }
  const { Item } = await documents.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))
  const startsAnew = (why: string, about?: object) =>
    log.warn(`A checkpoint ${why}; the job starts from its beginning`, { jobId, seq, ...about })
  if (!Item) return startsAnew('is gone')
  if (Item.queryType !== queryType || Item.format !== format) {
    const { queryType: writtenBy, format: writtenAs } = Item
    return startsAnew('was written by another agent, or another version of it', { writtenBy, writtenAs, format })
  }
  try {
    return JSON.parse(await unpack(Item))
  } catch (error) {
    return startsAnew('cannot be read', { error })
  }
}

async function pack(state: string): Promise<{ data: string; encoding?: 'gzip' } | undefined> {
  if (Buffer.byteLength(state) <= MAX_STATE_BYTES) return { data: state }
  const data = (await promisify(gzip)(state)).toString('base64')
  return data.length <= MAX_STATE_BYTES ? { data, encoding: 'gzip' } : undefined
}

async function unpack({ data, encoding }: Record<string, unknown>): Promise<string> {
  if (encoding !== 'gzip') return String(data)
  return (await promisify(gunzip)(Buffer.from(String(data), 'base64'))).toString()
}
