import type { Clock } from '../clock.ts'
import type { StartingPosition, StreamCursor } from '../dynamodb/stream-cursor.ts'
import type { DeliveryFaults } from '../faults/delivery-faults.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { Sqs } from '../sqs/sqs.ts'
import type { Checkpoints } from './checkpoints.ts'

/** What a mapping reads from and calls. */
export interface MappingServices {
  clock: Clock
  lambda: Pick<Lambda, 'invoke'>
  dynamodb: { openStream(streamArn: string, start: StartingPosition): StreamCursor }
  sqs: Pick<Sqs, 'receive' | 'deleteMessages' | 'release' | 'send'>
  log: (line: string) => void
  /** Given, a stream goes on where it stopped, instead of at its StartingPosition. */
  checkpoints?: Checkpoints
  /** Asked before each delivery what is to go wrong with it. */
  faults?: DeliveryFaults
}

export interface EventSourceMapping {
  /** Settles when the place in the source is fixed: LATEST misses nothing that is written after it. */
  started: Promise<void>
  /** Takes nothing more from the source. Invocations that run are left to end by themselves. */
  stop(): Promise<void>
}
