import type { DynamoDBRecord } from 'aws-lambda'
import { sleep, systemClock } from '../clock.ts'
import type { Call } from './contract.ts'
import type { StartingPosition, StreamCursor } from './stream-cursor.ts'

interface Shard {
  ShardId: string
  ParentShardId?: string
  SequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string }
}

interface Reading {
  shard: Shard
  /** Undefined when the shard has been read to its end. */
  iterator: string | undefined
  lastSequenceNumber?: string
}

const pollMs = 100
const shardListMs = 5_000

/** Reads all shards of a stream on another server as one, each after its parent, and asks again while there is nothing. */
export function openRemoteCursor(
  call: Call,
  streamArn: string,
  start: StartingPosition,
  serverClosing: AbortSignal,
  region: string,
): StreamCursor {
  const closing = new AbortController()
  const signal = AbortSignal.any([closing.signal, serverClosing])
  const readings = new Map<string, Reading>()
  let listedAt = 0

  async function findShards(first: boolean) {
    const shards = await listShards(call, streamArn)
    listedAt = systemClock.now()
    for (const shard of shards) {
      if (readings.has(shard.ShardId)) continue
      const parent = readings.get(shard.ParentShardId ?? '')
      if (parent && parent.iterator !== undefined) continue
      readings.set(shard.ShardId, {
        shard,
        iterator: await firstIterator(call, streamArn, shard, first ? start : 'TRIM_HORIZON'),
      })
    }
    for (const id of readings.keys()) if (!shards.some(({ ShardId }) => ShardId === id)) readings.delete(id)
  }

  async function poll(limit: number): Promise<DynamoDBRecord[]> {
    for (const reading of readings.values()) {
      if (reading.iterator === undefined) continue
      const records = await readShard(call, streamArn, reading, limit)
      // Its children can be read from now on.
      if (reading.iterator === undefined) listedAt = 0
      if (records.length > 0) return records.map((record) => lambdaRecord(record, streamArn, region))
    }
    return []
  }

  const opened = findShards(true)
  opened.catch(() => {}) // next() reports it.
  return {
    shardId: `all shards of ${streamArn}`,
    opened,
    async next(limit) {
      await opened
      while (!signal.aborted) {
        const records = await poll(limit)
        if (records.length > 0) return records
        if (systemClock.now() - listedAt >= shardListMs) await findShards(false)
        await sleep(systemClock, pollMs, signal).catch(() => {}) // Aborted: the loop ends.
      }
      return []
    },
    close: () => closing.abort(),
  }
}

async function readShard(call: Call, streamArn: string, reading: Reading, limit: number): Promise<ApiRecord[]> {
  const { iterator: ShardIterator, lastSequenceNumber, shard } = reading
  try {
    const { Records, NextShardIterator } = await call('GetRecords', { ShardIterator, Limit: Math.min(limit, 1000) })
    const records = Records as ApiRecord[]
    reading.iterator = NextShardIterator as string | undefined
    reading.lastSequenceNumber = records.at(-1)?.dynamodb?.SequenceNumber ?? lastSequenceNumber
    return records
  } catch (error) {
    // A consumer that took longer than 15 minutes over one batch goes on behind it.
    if ((error as Error).name !== 'ExpiredIteratorException' || lastSequenceNumber === undefined) throw error
    const behind = { afterSequenceNumber: lastSequenceNumber }
    reading.iterator = await firstIterator(call, streamArn, shard, behind)
    return []
  }
}

async function listShards(call: Call, StreamArn: string): Promise<Shard[]> {
  const shards: Shard[] = []
  let ExclusiveStartShardId: string | undefined
  do {
    const { StreamDescription } = await call('DescribeStream', {
      StreamArn,
      ...(ExclusiveStartShardId && { ExclusiveStartShardId }),
    })
    const page = StreamDescription as { Shards?: Shard[]; LastEvaluatedShardId?: string }
    shards.push(...(page.Shards ?? []))
    ExclusiveStartShardId = page.LastEvaluatedShardId
  } while (ExclusiveStartShardId)
  return shards
}

async function firstIterator(
  call: Call,
  StreamArn: string,
  { ShardId, SequenceNumberRange: range }: Shard,
  start: StartingPosition,
): Promise<string | undefined> {
  const ask = async (more: object) =>
    (await call('GetShardIterator', { StreamArn, ShardId, ...more })).ShardIterator as string
  if (typeof start === 'string') {
    if (start === 'LATEST' && range.EndingSequenceNumber !== undefined) return undefined
    return ask({ ShardIteratorType: start })
  }
  const after = BigInt(start.afterSequenceNumber)
  if (range.EndingSequenceNumber !== undefined && BigInt(range.EndingSequenceNumber) <= after) return undefined
  if (BigInt(range.StartingSequenceNumber) > after) return ask({ ShardIteratorType: 'TRIM_HORIZON' })
  return ask({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: start.afterSequenceNumber })
}

interface ApiRecord extends Omit<DynamoDBRecord, 'userIdentity'> {
  userIdentity?: { Type: string; PrincipalId: string }
}

/** GetRecords writes the identity's members with capitals, a Lambda event without. */
function lambdaRecord({ userIdentity, ...record }: ApiRecord, streamArn: string, region: string): DynamoDBRecord {
  return {
    ...record,
    awsRegion: region,
    eventSourceARN: streamArn,
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
  }
}
