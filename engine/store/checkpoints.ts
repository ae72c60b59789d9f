import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { isoTime } from '../clock.ts'
import type { ClaimedJob } from '../job/job.ts'
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
}

// DynamoDB refuses an item over 400 KB; the rest of the row is small.
const MAX_STATE_BYTES = 350_000

/** Stores where the agent stands. False when that is too much for one item: the checkpoint before stays the last. */
export async function storeCheckpoint(
  { documents, table }: EventTable,
  job: ClaimedJob,
  { seq, state, ttl }: Checkpoint,
  now: number,
): Promise<boolean> {
  const packed = await pack(state)
  if (!packed) return false
  const { id: jobId, owner, attempt } = job
  const Item = { jobId, seq, owner, attempt, type: 'CHECKPOINT', ...packed, createdAt: isoTime(now), ttl }
  // The number is ours alone, so what stands there already is this very item: the SDK repeats a write whose answer was lost.
  await conditional(() =>
    documents.send(new PutCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(jobId)' })),
  )
  return true
}

/** Where the agent of this job stood last. Undefined on a fresh start, and when it cannot be told any more. */
export async function readCheckpoint({ documents, table }: EventTable, job: ClaimedJob, log: Log): Promise<unknown> {
  const { id: jobId, checkpointSeq: seq } = job
  if (seq === undefined) return undefined
  const { Item } = await documents.send(new GetCommand({ TableName: table, Key: { jobId, seq }, ConsistentRead: true }))
  try {
    if (Item) return JSON.parse(await unpack(Item))
  } catch (error) {
    log.warn('A checkpoint cannot be read; the job starts from its beginning', { jobId, seq, error: error as Error })
    return undefined
  }
  log.warn('A checkpoint is gone; the job starts from its beginning', { jobId, seq })
  return undefined
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
