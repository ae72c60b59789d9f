import type { AttributeValue } from 'aws-lambda'
import type { ChangeLog, StreamViewType } from './change-log.ts'
import { database, type IndexSchema, type Item, type ItemStore, type KeyElement, type TableSchema } from './dynalite.ts'
import { OrderedMap } from './ordered-map.ts'

/** What DescribeTable says, without the counts. */
export interface TableDescription extends TableSchema {
  TableArn: string
  TableId: string
  TableStatus: 'ACTIVE' | 'DELETING'
  CreationDateTime: number
  ProvisionedThroughput: Throughput
  BillingModeSummary?: { BillingMode: string; LastUpdateToPayPerRequestDateTime?: number }
  StreamSpecification?: { StreamEnabled: true; StreamViewType: StreamViewType }
  LatestStreamLabel?: string
  LatestStreamArn?: string
}
export interface Throughput {
  ReadCapacityUnits: number
  WriteCapacityUnits: number
  NumberOfDecreasesToday?: number
}

/** A table: its items and indexes as JSON text by key, so that no caller holds an object that is stored. */
export class Table {
  readonly items = new OrderedMap<string>()
  /** When each item expires, in epoch seconds; empty without time to live. */
  readonly expiries = new Map<string, number>()
  description: TableDescription
  timeToLiveAttribute: string | undefined
  log: ChangeLog | undefined
  #indexes = new Map<string, OrderedMap<string>>()

  constructor(description: TableDescription, timeToLiveAttribute?: string) {
    this.description = description
    this.timeToLiveAttribute = timeToLiveAttribute
  }

  index(name: string): OrderedMap<string> {
    const index = this.#indexes.get(name) ?? new OrderedMap<string>()
    this.#indexes.set(name, index)
    return index
  }

  keyOf(item: Item): Item {
    const names = this.description.KeySchema.map(({ AttributeName }) => AttributeName)
    return Object.fromEntries(names.map((name) => [name, item[name] as AttributeValue]))
  }

  noteExpiry(key: string, item: Item | undefined): void {
    if (this.timeToLiveAttribute === undefined) return
    const expiry = item?.[this.timeToLiveAttribute]?.N
    if (expiry === undefined) this.expiries.delete(key)
    else this.expiries.set(key, Number(expiry))
  }

  setTimeToLive(attribute: string | undefined): void {
    this.timeToLiveAttribute = attribute
    this.expiries.clear()
    if (attribute === undefined) return
    for (const [key, item] of this.#entries()) this.noteExpiry(key, item)
  }

  /** Builds all indexes anew from the items; `store` must write straight into this table. */
  rebuildIndexes(store: ItemStore): void {
    this.#indexes.clear()
    const types = this.#indexAttributeTypes()
    for (const [, item] of this.#entries()) {
      for (const [name, type] of types) {
        const value = item[name]
        if (value && !(type in value)) {
          throw new Error(
            `An index of table ${this.description.TableName} wants ${name} as ${type}, and a stored item ` +
              `${JSON.stringify(this.keyOf(item))} has it as ${Object.keys(value)[0]}: correct or delete that item first`,
          )
        }
      }
      database.updateIndexes(store, this.description, undefined, item, (error) => {
        if (error) throw error
      })
    }
  }

  *#entries(): Generator<[string, Item]> {
    for (const key of this.items.keys()) yield [key, JSON.parse(this.items.get(key) as string)]
  }

  #indexAttributeTypes(): [string, string][] {
    const { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [], AttributeDefinitions } = this.description
    const names = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].flatMap(({ KeySchema }) =>
      KeySchema.map(({ AttributeName }) => AttributeName),
    )
    return AttributeDefinitions.filter(({ AttributeName }) => names.includes(AttributeName)).map(
      ({ AttributeName, AttributeType }) => [AttributeName, AttributeType],
    )
  }
}

/** A key as one reads it: `orderId (S) + line (N)`. */
export function keyText(key: KeyElement[], definitions: TableSchema['AttributeDefinitions']): string {
  const typeOf = (name: string) => definitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType
  return key.map(({ AttributeName }) => `${AttributeName} (${typeOf(AttributeName)})`).join(' + ')
}

/** One text for all that makes an index what it is, to see whether two definitions differ. */
export function indexText(table: Pick<TableSchema, 'AttributeDefinitions'>, index: IndexSchema): string {
  const { ProjectionType, NonKeyAttributes = [] } = index.Projection
  const key = keyText(index.KeySchema, table.AttributeDefinitions)
  return `${index.IndexName}: ${key} ${ProjectionType} ${[...NonKeyAttributes].sort().join(' ')}`
}
