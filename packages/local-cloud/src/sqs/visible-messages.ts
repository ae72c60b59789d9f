import type { Message } from './message.ts'

interface Group {
  waiting: Message[]
  inFlight: number
}

/** Messages without a group; they never count as noisy neighbours of each other. */
const ungrouped = ''

/**
 * The messages that a consumer may have now. In a FIFO queue a group is locked while one of its messages is in flight.
 * In a standard queue groups share fairly: the one with the fewest messages in flight comes first.
 */
export class VisibleMessages {
  readonly #isFifo: boolean
  readonly #groups = new Map<string, Group>()
  #count = 0

  constructor(isFifo: boolean) {
    this.#isFifo = isFifo
  }

  get count(): number {
    return this.#count
  }

  add(message: Message): void {
    this.#count++
    this.#groupOf(message).waiting.push(message)
  }

  /** Takes back a message that was in flight; in a FIFO queue it has its old place again. */
  putBack(message: Message): void {
    const { waiting } = this.#groupOf(message)
    this.#count++
    const later = this.#isFifo ? waiting.findIndex((other) => sequence(other) > sequence(message)) : -1
    waiting.splice(later < 0 ? waiting.length : later, 0, message)
    this.leave(message)
  }

  /** The next message, which is in flight from now on. `mine` are the groups that this very receive has locked. */
  take(mine: Set<unknown>): Message | undefined {
    let best: Group | undefined
    for (const [id, group] of this.#groups) {
      if (group.waiting.length === 0) continue
      if (!this.#isFifo) {
        if (!best || this.#comesBefore(id, group, best)) best = group
      } else if (group.inFlight === 0 || mine.has(group)) {
        best = group
        break
      }
    }
    const message = best?.waiting.shift()
    if (!best || !message) return undefined
    mine.add(best)
    best.inFlight++
    this.#count--
    return message
  }

  /** The message is in flight no more. */
  leave(message: Message): void {
    const id = message.messageGroupId ?? ungrouped
    const group = this.#groupOf(message)
    group.inFlight--
    if (group.inFlight <= 0 && group.waiting.length === 0) this.#groups.delete(id)
  }

  clear(): void {
    this.#groups.clear()
    this.#count = 0
  }

  #groupOf(message: Message): Group {
    const id = message.messageGroupId ?? ungrouped
    const group = this.#groups.get(id) ?? { waiting: [], inFlight: 0 }
    this.#groups.set(id, group)
    return group
  }

  #comesBefore(id: string, group: Group, best: Group): boolean {
    const load = id === ungrouped ? 0 : group.inFlight
    const bestLoad = best === this.#groups.get(ungrouped) ? 0 : best.inFlight
    if (load !== bestLoad) return load < bestLoad
    return (group.waiting[0]?.sentTimestamp ?? 0) < (best.waiting[0]?.sentTimestamp ?? 0)
  }
}

const sequence = (message: Message) => BigInt(message.sequenceNumber ?? 0)
