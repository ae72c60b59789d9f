import type { Range } from './dynalite.ts'

const chunkSize = 512

/**
 * A map that can be read in the order of its keys. The keys lie in sorted chunks, so that an insertion moves at most
 * `chunkSize` of them however large the map grows.
 */
export class OrderedMap<V> {
  readonly #values = new Map<string, V>()
  readonly #chunks: string[][] = []

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#insert(key)
    this.#values.set(key, value)
  }

  delete(key: string): void {
    if (!this.#values.delete(key)) return
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at] as string[]
    chunk.splice(firstNotBelow(chunk, key), 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  clear(): void {
    this.#values.clear()
    this.#chunks.length = 0
  }

  /** Every key, in no particular order. */
  keys(): Iterable<string> {
    return this.#values.keys()
  }

  /** The values whose keys lie in `range`, in their order. The map must not change meanwhile. */
  *values({ gt, gte, lt, lte, reverse = false, limit = -1 }: Range = {}): Generator<V> {
    let left = limit < 0 ? Number.POSITIVE_INFINITY : limit
    const from = gt ?? gte
    const to = lt ?? lte
    const start = reverse ? to : from
    for (const key of this.#walk(start, reverse)) {
      if (left <= 0) return
      const below = from !== undefined && (key < from || (gt !== undefined && key === gt))
      const above = to !== undefined && (key > to || (lt !== undefined && key === lt))
      if (reverse ? below : above) return
      if (below || above) continue
      left--
      yield this.#values.get(key) as V
    }
  }

  *#walk(start: string | undefined, reverse: boolean): Generator<string> {
    const step = reverse ? -1 : 1
    let at = start === undefined ? (reverse ? this.#chunks.length - 1 : 0) : this.#chunkOf(start)
    let inside = start === undefined ? undefined : firstNotBelow(this.#chunks[at] ?? [], start)
    for (; at >= 0 && at < this.#chunks.length; at += step) {
      const chunk = this.#chunks[at] as string[]
      inside ??= reverse ? chunk.length - 1 : 0
      for (; inside >= 0 && inside <= chunk.length; inside += step) {
        const key = chunk[inside]
        if (key !== undefined) yield key
      }
      inside = undefined
    }
  }

  #insert(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]
    if (!chunk) {
      this.#chunks.push([key])
      return
    }
    chunk.splice(firstNotBelow(chunk, key), 0, key)
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2))
  }

  /** The last chunk that starts at or below `key`, else the first. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#chunks[middle]?.[0] as string) <= key) low = middle
      else high = middle - 1
    }
    return low
  }
}

function firstNotBelow(sorted: string[], key: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
