import { mkdirSync } from 'node:fs'
import type { AwsError } from '../aws-error.ts'
import { storageError } from '../storage-error.ts'
import type { Change } from './change-log.ts'
import { type DiskWrite, Level } from './dynalite.ts'
import type { TableDescription } from './table.ts'

/** One table as it lies on disk. Indexes are not stored: they follow from the items. */
export interface Stored {
  table: { description: TableDescription; timeToLiveAttribute?: string }
  items: [string, string][]
  changes: Change[]
}

const REASONS = [
  ['No space left', 'ENOSPC'],
  ['quota exceeded', 'EDQUOT'],
  ['Read-only file system', 'EROFS'],
  ['Permission denied', 'EACCES'],
  ['Too many open files', 'EMFILE'],
] as const

/** The state folder: LevelDB with one entry per table, item and stream record. */
export class Disk {
  readonly #folder: string
  readonly #level: InstanceType<typeof Level>
  #queue: DiskWrite[] = []
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()
  /** Why the last batch is not on the disk. It is the first of what is written next. */
  #fault: AwsError | undefined

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    this.#level = new Level(folder, { valueEncoding: 'utf8' })
  }

  async load(): Promise<Stored[]> {
    try {
      await this.#level.open()
    } catch (error) {
      const cause = (error as { cause?: { code?: string; message?: string } }).cause
      const reason =
        cause?.code === 'LEVEL_LOCKED'
          ? 'another process uses it: stop that one, or name another folder'
          : `${cause?.message ?? error}: delete the folder to start empty`
      throw new Error(`The state folder ${this.#folder} cannot be opened, ${reason}`, { cause: error })
    }
    const tables = new Map<string, Stored>()
    const later: [string, string][] = []
    for await (const [key, value] of this.#level.iterator()) {
      // Keys come in order, and `item!` and `stream!` frame `table!`.
      if (key.startsWith('table!')) tables.set(key.slice(6), { table: JSON.parse(value), items: [], changes: [] })
      else later.push([key, value])
    }
    for (const [key, value] of later) {
      const [kind, name = '', ...rest] = key.split('!')
      const stored = tables.get(name)
      if (kind === 'item') stored?.items.push([rest.join('!'), value])
      else if (rest[0] === stored?.table.description.LatestStreamLabel) stored?.changes.push(JSON.parse(value))
      // The stream has ended, and nobody could read it any more.
      else this.write([{ type: 'del', key }])
    }
    return [...tables.values()]
  }

  /** Writes after all earlier writes; those that come while the disk is busy share its next batch. */
  write(writes: DiskWrite[]): Promise<void> {
    this.#queue.push(...writes)
    if (!this.#next) {
      this.#next = this.#last.catch(() => {}).then(() => this.#writeQueue())
      this.#last = this.#next
      // It is kept in #fault as well, whether or not this one is awaited.
      this.#last.catch(() => {})
    }
    return this.#next
  }

  /** Throws when the disk does not take what it owes; undefined, at once, when it owes nothing. */
  ready(): Promise<void> | undefined {
    return this.#fault && this.write([])
  }

  async #writeQueue(): Promise<void> {
    const batch = this.#queue
    this.#queue = []
    this.#next = undefined
    try {
      // Behind a record that is there by half, LevelDB's own log cannot be gone on with.
      if (this.#fault) await this.#level.close()
      if (this.#fault) await this.#level.open()
      await this.#level.batch(batch)
      this.#fault = undefined
    } catch (error) {
      this.#queue.unshift(...batch)
      this.#fault = diskError(error)
      throw this.#fault
    }
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    await this.#level.close()
  }
}

/** LevelDB tells the system's reason in words, behind the path of its file. */
function diskError(error: unknown): AwsError {
  const said = `${(error as Error).message} ${((error as Error).cause as Error | undefined)?.message}`
  const code = REASONS.find(([words]) => said.includes(words))?.[1] ?? 'EIO'
  return storageError(Object.assign(new Error(said), { code })) as AwsError
}
