import type { Clock } from '../clock.ts'
import type { Identity } from '../service.ts'
import { type Change, ChangeLog, changeKey, deleteChanges, type StreamViewType } from './change-log.ts'
import { Disk, type Stored } from './disk.ts'
import type { DiskWrite, Item } from './dynalite.ts'
import { sameItem } from './same-item.ts'
import { type ItemWrite, StoreView } from './store-view.ts'
import { Table, type TableDescription } from './table.ts'

/** All tables and streams: in memory, and with a folder also on disk. */
export class Tables {
  readonly clock: Clock
  readonly identity: Identity
  readonly byName = new Map<string, Table>()
  /** Every stream that can still be read, also those whose table is gone. */
  readonly logs = new Map<string, ChangeLog>()
  readonly folder: string | undefined
  readonly #disk: Disk | undefined
  #stored: Promise<void> | undefined

  constructor(clock: Clock, identity: Identity, folder?: string) {
    this.clock = clock
    this.identity = identity
    this.folder = folder
    if (folder !== undefined) this.#disk = new Disk(folder)
  }

  async load(): Promise<void> {
    if (!this.#disk) return
    for (const stored of await this.#disk.load()) this.#restore(stored)
  }

  /** Resolves when all that has been written so far is on disk; undefined without a disk. */
  get stored(): Promise<void> | undefined {
    return this.#stored
  }

  /** Throws while the disk takes no writes, so that no more is changed in memory; undefined, at once, when all is well. */
  writable(): Promise<void> | undefined {
    return this.#disk?.ready()
  }

  view(): StoreView {
    return new StoreView(this.byName)
  }

  /** Carries out what `view` has collected: items, indexes and stream records in one go. */
  commit(view: StoreView, expired?: true): void {
    for (const write of view.indexWrites) write()
    const disk: DiskWrite[] = []
    for (const write of view.writes) this.#writeItem(write, expired, disk)
    this.#store(disk)
  }

  add(description: TableDescription): Table {
    const table = new Table(description)
    this.byName.set(description.TableName, table)
    return table
  }

  /** Removes the table and its stream from the disk; the stream stays readable, as on AWS, while the process runs. */
  remove({ description, items, log }: Table): void {
    const name = description.TableName
    const disk: DiskWrite[] = [{ type: 'del', key: `table!${name}` }]
    for (const key of items.keys()) disk.push({ type: 'del', key: itemKey(name, key) })
    if (log) disk.push(...deleteChanges(log.settings, log.read(0, Number.POSITIVE_INFINITY)))
    log?.close()
    this.byName.delete(name)
    this.#store(disk)
  }

  /** Keeps the table's description, after a change of it. */
  save({ description, timeToLiveAttribute }: Table): void {
    const value = JSON.stringify({ description, timeToLiveAttribute } satisfies Stored['table'])
    this.#store([{ type: 'put', key: `table!${description.TableName}`, value }])
  }

  rebuildIndexes(table: Table): void {
    const view = this.view()
    table.rebuildIndexes(view)
    for (const write of view.indexWrites) write()
  }

  /** Starts a stream, ends it (undefined), or starts another when the view type changes, as enabling it again does on AWS. */
  setStream(table: Table, viewType: StreamViewType | undefined): void {
    const { description } = table
    if (description.StreamSpecification?.StreamViewType === viewType) return
    table.log?.close()
    table.log = undefined
    delete description.StreamSpecification
    if (viewType === undefined) return
    // A label is a time, and two streams of one table may start in the same millisecond.
    let createdAt = this.clock.now()
    const label = () => new Date(createdAt).toISOString().slice(0, -1)
    while (this.logs.has(streamArn(description, label()))) createdAt++
    description.StreamSpecification = { StreamEnabled: true, StreamViewType: viewType }
    description.LatestStreamLabel = label()
    description.LatestStreamArn = streamArn(description, label())
    this.#openLog(table, [])
  }

  /** Forgets stream records that are too old. */
  trim(): void {
    for (const [arn, log] of this.logs) {
      this.#store(deleteChanges(log.settings, log.trim(this.clock.now())))
      if (log.closed && log.horizon === log.end) this.logs.delete(arn)
    }
  }

  async close(): Promise<void> {
    for (const log of this.logs.values()) log.close()
    await this.#disk?.close()
  }

  #writeItem({ table, key, item }: ItemWrite, expired: true | undefined, disk: DiskWrite[]): void {
    const old = table.items.get(key)
    const text = item && JSON.stringify(item)
    // DynamoDB makes no stream record for a write that changes nothing.
    if (old === text || (old !== undefined && text !== undefined && sameItem(old, text))) return
    if (text === undefined) table.items.delete(key)
    else table.items.set(key, text)
    table.noteExpiry(key, item)
    const name = table.description.TableName
    const change = table.log?.append({
      at: this.clock.now(),
      keys: JSON.stringify(table.keyOf(item ?? (JSON.parse(old as string) as Item))),
      ...(old !== undefined && { oldImage: old }),
      ...(text !== undefined && { newImage: text }),
      ...(expired && { expired }),
    })
    if (!this.#disk) return
    if (text === undefined) disk.push({ type: 'del', key: itemKey(name, key) })
    else disk.push({ type: 'put', key: itemKey(name, key), value: text })
    if (!change || !table.log) return
    disk.push({ type: 'put', key: changeKey(table.log.settings, change.position), value: JSON.stringify(change) })
  }

  // The answer to a write waits for the disk; readers do not, so what they see may be ahead of it by a moment. Batches go
  // to the disk in the order of the writes, so that after a crash the folder holds a state that has existed.
  #store(writes: DiskWrite[]): void {
    if (this.#disk && writes.length > 0) this.#stored = this.#disk.write(writes)
  }

  #restore({ table: { description, timeToLiveAttribute }, items, changes }: Stored): void {
    const table = this.add(description)
    for (const [key, text] of items) table.items.set(key, text)
    table.setTimeToLive(timeToLiveAttribute)
    this.rebuildIndexes(table)
    if (description.StreamSpecification) this.#openLog(table, changes)
  }

  #openLog(table: Table, stored: Change[]): void {
    const { TableName, TableId, KeySchema, StreamSpecification, LatestStreamArn, LatestStreamLabel } = table.description
    if (!StreamSpecification || !LatestStreamArn || !LatestStreamLabel) return
    const createdAt = Date.parse(`${LatestStreamLabel}Z`)
    table.log = new ChangeLog(
      {
        arn: LatestStreamArn,
        label: LatestStreamLabel,
        shardId: `shardId-${String(createdAt).padStart(20, '0')}-${TableId.slice(0, 8)}`,
        tableName: TableName,
        viewType: StreamSpecification.StreamViewType,
        keySchema: KeySchema,
        createdAt: Math.max(createdAt, this.clock.now()),
      },
      stored,
    )
    this.logs.set(LatestStreamArn, table.log)
  }
}

const itemKey = (table: string, key: string) => `item!${table}!${key}`
const streamArn = ({ TableArn }: TableDescription, label: string) => `${TableArn}/stream/${label}`
