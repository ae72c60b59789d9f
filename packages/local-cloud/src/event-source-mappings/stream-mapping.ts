import type { DynamoDBRecord } from 'aws-lambda'
import type { StreamCursor } from '../dynamodb/stream-cursor.ts'
import type { EventSourceMapping, MappingServices } from './mapping.ts'
import type { MappingSettings } from './mapping-settings.ts'
import { StreamDelivery } from './stream-delivery.ts'
import { StreamLane } from './stream-lane.ts'
import { StreamProgress } from './stream-progress.ts'

/** Lambda reads at most this many records of a shard at a time. */
const readLimit = 1_000

/** Invokes a function with the records of a stream, in order for each item. */
export function startStreamMapping(settings: MappingSettings, services: MappingServices): EventSourceMapping {
  const { checkpoints, clock, dynamodb } = services
  const key = `${settings.functionName} ${settings.sourceArn}`
  const place = checkpoints?.get(key)
  const start = place === undefined ? settings.startingPosition : { afterSequenceNumber: place }
  const cursor = dynamodb.openStream(settings.sourceArn, start)
  const progress = new StreamProgress((sequenceNumber) => checkpoints?.set(key, sequenceNumber))
  const stopping = new AbortController()
  const delivery = new StreamDelivery(settings, services, cursor.shardId, stopping.signal)
  const lanes = Array.from({ length: settings.parallelizationFactor }, () => {
    return new StreamLane({ settings, clock, delivery, progress, faults: services.faults, signal: stopping.signal })
  })
  const ended = read({ cursor, settings, lanes, progress, signal: stopping.signal })
  return {
    started: cursor.opened,
    async stop() {
      stopping.abort()
      for (const lane of lanes) lane.wake()
      cursor.close()
      await ended
    },
  }
}

interface Reading {
  cursor: StreamCursor
  settings: MappingSettings
  lanes: StreamLane[]
  progress: StreamProgress
  signal: AbortSignal
}

async function read({ cursor, settings, lanes, progress, signal }: Reading): Promise<void> {
  const limit = Math.min(settings.batchSize, readLimit)
  while (!signal.aborted) {
    const records = await cursor.next(limit)
    if (records.length === 0) return
    for (const record of records) {
      const isWanted = settings.matches(record)
      progress.read(record, isWanted)
      if (isWanted) laneOf(record, lanes)?.add(record)
    }
    progress.save()
    // A shard is read no further while a lane has a whole batch waiting.
    await Promise.all(lanes.map((lane) => lane.hasRoom()))
  }
}

/** All records of one item go the same way, so they stay in order. */
function laneOf(record: DynamoDBRecord, lanes: StreamLane[]): StreamLane | undefined {
  if (lanes.length === 1) return lanes[0]
  let hash = 0
  for (const character of JSON.stringify(record.dynamodb?.Keys)) hash = (hash * 31 + character.charCodeAt(0)) | 0
  return lanes[Math.abs(hash) % lanes.length]
}
