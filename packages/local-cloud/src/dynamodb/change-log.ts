import type { DiskWrite, KeyElement } from './dynalite.ts'

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES'

/** One change of one item. The images are JSON text, so that each reader gets its own objects. */
export interface Change {
  position: number
  at: number
  keys: string
  oldImage?: string
  newImage?: string
  /** Deleted by time to live, not by a caller. */
  expired?: true
}

export interface ChangeLogSettings {
  arn: string
  label: string
  shardId: string
  tableName: string
  viewType: StreamViewType
  keySchema: KeyElement[]
  /** Epoch milliseconds. */
  createdAt: number
}

/** DynamoDB keeps stream records for 24 hours. */
const keptMs = 24 * 60 * 60 * 1000
/** What all readers have passed is kept up to this many characters, so that a long run does not fill the memory. */
const keptCharacters = 64 * 1024 * 1024

/** The records of one table's stream, in the order of the writes: one shard, which is open until the stream ends. */
export class ChangeLog {
  readonly settings: ChangeLogSettings
  /** Positions of the readers that must not lose a record to `keptCharacters`. */
  readonly readers = new Set<{ position: number }>()
  #changes: Change[] = []
  #next: number
  #characters = 0
  #closed = false
  #waiting: (() => void)[] = []

  constructor(settings: ChangeLogSettings, stored: Change[] = []) {
    this.settings = settings
    this.#changes = stored
    this.#characters = stored.reduce((sum, change) => sum + length(change), 0)
    // Starting from the time keeps positions rising over restarts even when every stored record has been trimmed.
    this.#next = (stored.at(-1)?.position ?? settings.createdAt * 1000) + 1
  }

  get closed(): boolean {
    return this.#closed
  }

  /** The position that the next change gets. */
  get end(): number {
    return this.#next
  }

  /** The position of the oldest change that is still kept; `end` when there is none. */
  get horizon(): number {
    return this.#changes[0]?.position ?? this.#next
  }

  append(change: Omit<Change, 'position'>): Change {
    const placed = { position: this.#next++, ...change }
    this.#changes.push(placed)
    this.#characters += length(placed)
    this.wake()
    return placed
  }

  /** Up to `limit` changes from `position` on. */
  read(position: number, limit: number): Change[] {
    const from = this.#indexOf(position)
    return this.#changes.slice(from, from + limit)
  }

  /** Resolves at the next change, when the log is closed, or when `wake` is called. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#closed = true
    this.wake()
  }

  /** Forgets what is too old or too much, and returns what it forgot. */
  trim(now: number): Change[] {
    let count = 0
    const unread = Math.min(this.#next, ...[...this.readers].map((reader) => reader.position))
    for (const change of this.#changes) {
      const tooOld = change.at <= now - keptMs
      const tooMuch = this.#characters > keptCharacters && change.position < unread
      if (!tooOld && !tooMuch) break
      this.#characters -= length(change)
      count++
    }
    return this.#changes.splice(0, count)
  }

  /** Everything, as at the end of the table. */
  forget(): Change[] {
    return this.#changes.splice(0)
  }

  wake(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #indexOf(position: number): number {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle] as Change).position < position) low = middle + 1
      else high = middle
    }
    return low
  }
}

const length = ({ oldImage = '', newImage = '', keys }: Change) => oldImage.length + newImage.length + keys.length

export function changeKey({ tableName, label }: ChangeLogSettings, position: number): string {
  return `stream!${tableName}!${label}!${String(position).padStart(16, '0')}`
}

export function deleteChanges(settings: ChangeLogSettings, changes: Change[]): DiskWrite[] {
  return changes.map(({ position }) => ({ type: 'del', key: changeKey(settings, position) }))
}
