import { Stream } from 'node:stream'
import { validationError } from '../aws-error.ts'
import { type Callback, type EntryStore, type Item, type ItemStore, maxItemSize, type Range } from './dynalite.ts'
import { tableNotFound } from './errors.ts'
import { itemSize } from './item-size.ts'
import type { OrderedMap } from './ordered-map.ts'
import type { Table } from './table.ts'

export interface ItemWrite {
  table: Table
  key: string
  /** Undefined deletes. */
  item: Item | undefined
}

/**
 * The tables as dynalite's actions see them: reads go to the tables, writes are only collected, for `Tables.commit` to
 * carry out all at once.
 *
 * dynalite's own store is not used, because here lies what it lacks. Every way of writing ends in `put` or `del` of this
 * class, so that no change can miss the stream; a transaction is several actions on one view; and the item, its index
 * entries and its stream record become visible at the same moment. All of it is synchronous, from the check of a
 * condition to the commit, so that nothing can come between and no locks are needed.
 */
export class StoreView implements ItemStore {
  readonly options = { maxItemSize }
  readonly writes: ItemWrite[] = []
  readonly indexWrites: (() => void)[] = []
  readonly #tables: ReadonlyMap<string, Table>

  constructor(tables: ReadonlyMap<string, Table>) {
    this.#tables = tables
  }

  getTable(name: string, checkStatus: boolean | Callback<Table['description']>, callback = checkStatus): void {
    const done = callback as Callback<Table['description']>
    const table = this.#tables.get(name)
    if (table) done(null, table.description)
    else done(tableNotFound(name))
  }

  getItemDb(name: string): EntryStore {
    const table = this.#tables.get(name) as Table
    return new Entries(table.items, (key, item, callback) => {
      if (item && itemSize(item) > maxItemSize) {
        return callback(validationError('Item size has exceeded the maximum allowed size'))
      }
      this.writes.push({ table, key, item })
      callback()
    })
  }

  getIndexDb(_kind: string, name: string, indexName: string): EntryStore {
    const index = (this.#tables.get(name) as Table).index(indexName)
    return new Entries(index, (key, item, callback) => {
      this.indexWrites.push(item ? () => index.set(key, JSON.stringify(item)) : () => index.delete(key))
      callback()
    })
  }
}

type Write = (key: string, item: Item | undefined, callback: Callback) => void

class Entries implements EntryStore {
  readonly #entries: OrderedMap<string>
  readonly #write: Write

  constructor(entries: OrderedMap<string>, write: Write) {
    this.#entries = entries
    this.#write = write
  }

  get(key: string, callback: Callback<Item>): void {
    const text = this.#entries.get(key)
    callback(null, text === undefined ? undefined : JSON.parse(text))
  }

  put(key: string, item: Item, callback: Callback): void {
    this.#write(key, item, callback)
  }

  del(key: string, callback: Callback): void {
    this.#write(key, undefined, callback)
  }

  // Nothing to wait for: an action runs from its read to its write without a pause.
  lock(_key: string, run: (release: (callback: Callback) => Callback) => void): void {
    run((callback) => callback)
  }

  createValueStream(range: Range): Stream {
    return new Values(this.#entries.values(range))
  }
}

/** Emits every value in one go, right after the reader has attached its listeners. */
class Values extends Stream {
  #stopped = false

  constructor(values: Iterable<string>) {
    super()
    queueMicrotask(() => {
      for (const value of values) {
        if (this.#stopped) return
        this.emit('data', JSON.parse(value))
      }
      this.emit('end')
    })
  }

  /** The reader has enough: a page of a query is full. */
  destroy(): void {
    this.#stopped = true
  }
}
