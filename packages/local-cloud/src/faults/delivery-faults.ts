import type { DynamoDBRecord } from 'aws-lambda'

/** What befalls the next delivery of an event source mapping. */
export type DeliveryFault =
  /** Delivered, and `afterMs` later once more. */
  | { kind: 'duplicate'; afterMs: number }
  | { kind: 'delay'; ms: number }
  /** Overtaken by what comes after it. */
  | { kind: 'reorder' }

/** What a mapping asks before each delivery; `mapping` is `<source ARN> → <function ARN or name>`. */
export interface DeliveryFaults {
  /** Makes a mapping known, so that faults can be ordered for it. */
  add(mapping: string): void
  next(mapping: string): DeliveryFault | undefined
}

/** Something to be overtaken waits this long on the clock for it. */
export const OVERTAKE_MS = 30_000

/** The faults that are to come, each for the first delivery of a mapping whose name has `source` in it. */
export class PlannedDeliveryFaults implements DeliveryFaults {
  #planned: { source: string; fault: DeliveryFault }[] = []

  readonly #mappings: string[] = []

  add(mapping: string): void {
    this.#mappings.push(mapping)
  }

  plan(source: string, fault: DeliveryFault): void {
    if (!this.#mappings.some((mapping) => mapping.includes(source))) {
      throw new Error(`source must be a part of one of these, got ${source}:\n${this.#mappings.join('\n') || 'none'}`)
    }
    this.#planned.push({ source, fault })
  }

  next(mapping: string): DeliveryFault | undefined {
    const index = this.#planned.findIndex(({ source }) => mapping.includes(source))
    return index < 0 ? undefined : this.#planned.splice(index, 1)[0]?.fault
  }

  clear(): void {
    this.#planned = []
  }
}

/** The records with the items in reverse order. Those of one item keep theirs, as a stream never breaks it. */
export function reordered(records: DynamoDBRecord[]): DynamoDBRecord[] {
  const items = new Map<string, DynamoDBRecord[]>()
  for (const record of records) {
    const key = JSON.stringify(record.dynamodb?.Keys)
    items.set(key, [...(items.get(key) ?? []), record])
  }
  return [...items.values()].reverse().flat()
}
