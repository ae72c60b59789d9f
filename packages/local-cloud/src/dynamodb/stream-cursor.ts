import type { DynamoDBRecord } from 'aws-lambda'
import type { ChangeLog } from './change-log.ts'
import { lambdaRecord, positionOf, sequenceNumber } from './stream-record.ts'

/** Where a reader starts: at what is written from now on, at the oldest record kept, or behind one it has had. */
export type StartingPosition = 'LATEST' | 'TRIM_HORIZON' | { afterSequenceNumber: string }

/** One reader's place in a stream. */
export interface StreamCursor {
  readonly shardId: string
  /** Resolves once the place is fixed; LATEST means later than this moment. */
  readonly opened: Promise<void>
  /** Waits for at least one record and returns up to `limit` of them; none only when the cursor or the stream is closed. */
  next(limit: number): Promise<DynamoDBRecord[]>
  close(): void
}

/** Reads `log` from `start` on; a write wakes the reader, nothing is polled. */
export function openCursor(log: ChangeLog, start: StartingPosition, region: string): StreamCursor {
  const reader = { position: startOf(log, start) }
  let closed = false
  log.readers.add(reader)
  return {
    shardId: log.settings.shardId,
    opened: Promise.resolve(),
    async next(limit) {
      while (!closed) {
        const changes = log.read(reader.position, limit)
        const last = changes.at(-1)
        if (last) {
          reader.position = last.position + 1
          return changes.map((change) => lambdaRecord(change, log.settings, region))
        }
        if (log.closed) return []
        await log.changed()
      }
      return []
    },
    close() {
      closed = true
      log.readers.delete(reader)
      log.wake()
    },
  }
}

function startOf(log: ChangeLog, start: StartingPosition): number {
  if (start === 'LATEST') return log.end
  if (start === 'TRIM_HORIZON') return log.horizon
  const position = positionOf(start.afterSequenceNumber)
  if (position === undefined) {
    throw new Error(
      `afterSequenceNumber must be the number of a record of this stream, like ${sequenceNumber(log.end)}, got ${start.afterSequenceNumber}`,
    )
  }
  return position + 1
}
