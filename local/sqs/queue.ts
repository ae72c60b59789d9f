import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { Deduplication } from './deduplication.ts'
import { type InFlight, type Message, receivedMessage } from './message.ts'
import { VisibleMessages } from './visible-messages.ts'
import { wireRequest } from './wire-request.ts'

const defaultAttributes = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
}

export interface QueueOptions {
  clock: Clock
  name: string
  url: () => string
  arn: string
  attributes: Record<string, string>
  tags: Record<string, string>
  findQueue: (arn: string) => Queue | undefined
}

/**
 * One queue on the local clock. Its public methods are those that fauxqs's actions call on a queue, so fauxqs checks
 * and answers the requests while time, order and waiting are ours: its own queue reads the system clock and polls.
 */
export class Queue {
  readonly name: string
  readonly arn: string
  attributes: Record<string, string>
  readonly tags: Map<string, string>
  readonly inflightMessages = new Map<string, InFlight>()
  readonly #options: QueueOptions
  readonly #visible: VisibleMessages
  readonly #deduplication: Deduplication
  readonly #cancelTimer = new Map<Message, () => void>()
  readonly #waiters = new Set<() => void>()
  readonly #createdAt: number
  #modifiedAt: number
  #delayed = 0
  #sequence = 0n

  constructor(options: QueueOptions) {
    this.#options = options
    this.name = options.name
    this.arn = options.arn
    this.attributes = { ...defaultAttributes, ...options.attributes }
    this.tags = new Map(Object.entries(options.tags))
    this.#visible = new VisibleMessages(this.isFifo())
    this.#deduplication = new Deduplication(options.clock)
    this.#createdAt = this.#modifiedAt = Math.floor(options.clock.now() / 1000)
  }

  get url(): string {
    return this.#options.url()
  }

  isFifo(): boolean {
    return this.attributes.FifoQueue === 'true'
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    return { visible: this.#visible.count, inFlight: this.inflightMessages.size, delayed: this.#delayed }
  }

  getAllAttributes(requested: string[]): Record<string, string> {
    const { visible, inFlight, delayed } = this.counts()
    const all: Record<string, string> = {
      ...this.attributes,
      QueueArn: this.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      CreatedTimestamp: String(this.#createdAt),
      LastModifiedTimestamp: String(this.#modifiedAt),
    }
    if (requested.includes('All')) return all
    return Object.fromEntries(Object.entries(all).filter(([name]) => requested.includes(name)))
  }

  setAttributes(attributes: Record<string, string>): void {
    Object.assign(this.attributes, attributes)
    // SQS takes an empty policy as "none from now on".
    if (attributes.RedrivePolicy === '') delete this.attributes.RedrivePolicy
    this.#modifiedAt = Math.floor(this.#options.clock.now() / 1000)
  }

  /** Takes a message that fauxqs has made, stamped with the system's time; its delay counts from our clock's now. */
  enqueue(message: Message): void {
    const delay = message.delayUntil === undefined ? 0 : message.delayUntil - message.sentTimestamp
    message.sentTimestamp = this.#options.clock.now()
    message.messageGroupId ??= wireRequest.getStore()?.groupOf(message.body)
    if (delay > 0) this.#delay(message, delay)
    else this.#show(message)
  }

  dequeue(max: number, visibilitySeconds?: number) {
    if (wireRequest.getStore()?.signal.aborted) return []
    return this.take(max, visibilitySeconds).map(receivedMessage)
  }

  /** Up to `max` messages, hidden from others for the visibility timeout. */
  take(max: number, visibilitySeconds = Number(this.attributes.VisibilityTimeout)): InFlight[] {
    const taken: InFlight[] = []
    const mine = new Set<unknown>()
    while (taken.length < max) {
      const message = this.#visible.take(mine)
      if (!message) break
      if (this.#isExpired(message) || this.#isDeadLetter(message)) this.#visible.leave(message)
      else taken.push(this.#hide(message, visibilitySeconds))
    }
    return taken
  }

  deleteMessage(receiptHandle: string): boolean {
    const entry = this.inflightMessages.get(receiptHandle)
    if (!entry) return false
    this.inflightMessages.delete(receiptHandle)
    this.#clearTimer(entry.message)
    this.#visible.leave(entry.message)
    // In a FIFO queue this frees the group's next message.
    if (this.#visible.count > 0) this.#wake()
    return true
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    const entry = this.inflightMessages.get(receiptHandle)
    if (!entry) return
    this.#clearTimer(entry.message)
    if (seconds === 0) this.#reveal(entry)
    else this.#hideFor(entry, seconds)
  }

  /** Resolves at the next change that may have made a message available, after `seconds`, or when `signal` is aborted. */
  waitForMessages(seconds?: number, signal = wireRequest.getStore()?.signal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        this.#waiters.delete(wake)
        cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const cancel = seconds === undefined ? () => {} : this.#options.clock.after(seconds * 1000, wake)
      this.#waiters.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  checkDeduplication(id: string) {
    const sent = this.#deduplication.find(id)
    if (!sent) return { isDuplicate: false }
    return { isDuplicate: true, originalMessageId: sent.messageId, originalSequenceNumber: sent.sequenceNumber }
  }

  recordDeduplication(id: string, messageId: string, sequenceNumber?: string): void {
    this.#deduplication.record(id, messageId, sequenceNumber)
  }

  nextSequenceNumber(): string {
    return String(++this.#sequence).padStart(20, '0')
  }

  purge(): void {
    for (const cancel of this.#cancelTimer.values()) cancel()
    this.#cancelTimer.clear()
    this.inflightMessages.clear()
    this.#visible.clear()
    this.#delayed = 0
  }

  /** Ends all waiting and all timers. */
  cancelWaiters(): void {
    this.purge()
    this.#wake()
  }

  #delay(message: Message, ms: number): void {
    this.#delayed++
    this.#setTimer(message, ms, () => {
      this.#delayed--
      this.#show(message)
    })
  }

  #show(message: Message): void {
    this.#visible.add(message)
    this.#wake()
  }

  #hide(message: Message, seconds: number): InFlight {
    message.approximateReceiveCount++
    message.approximateFirstReceiveTimestamp ??= this.#options.clock.now()
    const entry = { message, receiptHandle: randomUUID(), visibilityDeadline: 0 }
    this.inflightMessages.set(entry.receiptHandle, entry)
    this.#hideFor(entry, seconds)
    return entry
  }

  #hideFor(entry: InFlight, seconds: number): void {
    entry.visibilityDeadline = this.#options.clock.now() + seconds * 1000
    this.#setTimer(entry.message, seconds * 1000, () => this.#reveal(entry))
  }

  #reveal(entry: InFlight): void {
    this.inflightMessages.delete(entry.receiptHandle)
    this.#visible.putBack(entry.message)
    this.#wake()
  }

  #isExpired(message: Message): boolean {
    const age = this.#options.clock.now() - message.sentTimestamp
    return age >= Number(this.attributes.MessageRetentionPeriod) * 1000
  }

  /** Moves a message that was received too often to the dead-letter queue. */
  #isDeadLetter(message: Message): boolean {
    if (!this.attributes.RedrivePolicy) return false
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(this.attributes.RedrivePolicy)
    if (message.approximateReceiveCount < Number(maxReceiveCount)) return false
    const target = this.#options.findQueue(deadLetterTargetArn)
    if (!target) return false
    target.#show({ ...message })
    return true
  }

  #setTimer(message: Message, ms: number, callback: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#cancelTimer.delete(message)
      callback()
    })
    this.#cancelTimer.set(message, cancel)
  }

  #clearTimer(message: Message): void {
    this.#cancelTimer.get(message)?.()
    this.#cancelTimer.delete(message)
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake()
  }
}
