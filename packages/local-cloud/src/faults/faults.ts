import type { DynamoDb } from '../dynamodb/contract.ts'
import type { Lambda } from '../lambda/lambda.ts'
import { type DeliveryFaults, PlannedDeliveryFaults } from './delivery-faults.ts'
import { PlannedWriteFaults, type WriteError, withWriteFaults } from './write-faults.ts'

/**
 * What can be broken in the local cloud, on purpose and once each. A function is named by its name or a part of it that
 * fits no other; a source by a part of `<stream or queue ARN> → <function ARN>`, such as 'table/Orders' or 'function:Ship'.
 */
export interface Faults {
  /** Ends the function's environments as a crash would: what runs in them fails, the next invocation starts a fresh one. */
  killFunction(name: string): Promise<void>
  /** Ends the function's environments as Lambda takes them down: with SIGTERM, and two seconds to end what runs in them. */
  stopFunction(name: string): Promise<void>
  /** The next batch or message is delivered twice: again right after the first time, or `afterMs` later. */
  duplicateNext(source: string, afterMs?: number): void
  /** The next batch or message comes `ms` later. Of a stream, so does what lies behind it; of a queue, nothing else. */
  delayNext(source: string, ms: number): void
  /** The next message is overtaken by the one after it; of a stream's records, those of one item stay in order. */
  reorderNext(source: string): void
  /** Drops every WebSocket of the GraphQL APIs without a word. */
  cutSockets(): void
  /** The next `count` writes to DynamoDB are refused. */
  refuseWrites(count: number, error?: WriteError): void
  /** The next `count` writes to DynamoDB are done, and answered with an error. */
  loseAnswers(count: number): void
  /** Runs `act` when so many more writes, by whomever, are done, and before the last of them is answered. */
  atWrite(count: number, act: () => Promise<unknown>): void
  /** Ends the function at that moment. */
  killAtWrite(name: string, count: number): void
  /** Forgets what was ordered and has not happened yet. */
  clear(): void
}

export interface FaultPlan {
  deliveries: DeliveryFaults
  /** DynamoDB with the faults in its writes. */
  breakWrites(dynamodb: DynamoDb, region: string): DynamoDb
  /** The orders, once there is something to break. */
  orders(parts: { lambda: Pick<Lambda, 'functionNames' | 'kill' | 'shutdown'>; cutSockets(): void }): Faults
}

/** Faults for one local cloud; the services take what they need of it when they are made. */
export function planFaults(): FaultPlan {
  const deliveries = new PlannedDeliveryFaults()
  const writes = new PlannedWriteFaults()
  return {
    deliveries,
    breakWrites: (dynamodb, region) => withWriteFaults(dynamodb, writes, region),
    orders({ lambda, cutSockets }) {
      const kill = (name: string) => lambda.kill(functionNamed(name, lambda.functionNames()))
      return {
        killFunction: kill,
        stopFunction: (name) => lambda.shutdown(functionNamed(name, lambda.functionNames())),
        duplicateNext: (source, afterMs = 0) => deliveries.plan(source, { kind: 'duplicate', afterMs }),
        delayNext: (source, ms) => deliveries.plan(source, { kind: 'delay', ms }),
        reorderNext: (source) => deliveries.plan(source, { kind: 'reorder' }),
        cutSockets,
        refuseWrites: (count, error = 'ProvisionedThroughputExceededException') =>
          writes.plan(...times(count, { kind: 'refuse', error } as const)),
        loseAnswers: (count) => writes.plan(...times(count, { kind: 'loseAnswer' } as const)),
        atWrite: (count, act) => writes.plan(...times(count - 1, undefined), { kind: 'then', act }),
        killAtWrite(name, count) {
          this.atWrite(count, () => kill(name))
        },
        clear() {
          deliveries.clear()
          writes.clear()
        },
      }
    },
  }
}

/** The orders of a cloud that was started without faults. */
export function noFaults(): never {
  throw new Error('faults must be true to break things: startCloud({ faults: true, … })')
}

function functionNamed(part: string, names: string[]): string {
  const found = names.includes(part) ? [part] : names.filter((name) => name.includes(part))
  if (found.length === 1) return found[0] as string
  throw new Error(`name must be a part of one function's name only, got ${part}; there are: ${names.join(', ')}`)
}

function times<T>(count: number, fault: T): T[] {
  return Array.from({ length: count }, () => fault)
}
