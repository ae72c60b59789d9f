import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { isRefused } from '../storage-error.ts'
import { Deduplication } from './deduplication.ts'
import type { Journal } from './journal.ts'
import { type InFlight, type Message, receivedMessage } from './message.ts'
import { MessageTimers } from './message-timers.ts'
import { wireRequest } from './operation.ts'
import { VisibleMessages } from './visible-messages.ts'
import { WaitingConsumers } from './waiting-consumers.ts'

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
  /** Keeps the messages over restarts. */
  journal?: Journal
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
  readonly #timers: MessageTimers
  readonly #consumers: WaitingConsumers
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
    this.#timers = new MessageTimers(options.clock)
    this.#consumers = new WaitingConsumers(options.clock)
    this.#createdAt = this.#modifiedAt = Math.floor(options.clock.now() / 1000)
    for (const { message, showAt } of options.journal?.messagesOf(this.name) ?? []) {
      this.#sequence = BigInt(message.sequenceNumber ?? 0)
      this.#showAt(message, showAt)
    }
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
    this.#add(message, message.sentTimestamp + delay)
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
      if (this.#isExpired(message) || this.#isDeadLetter(message)) this.#leave(message)
      else taken.push(this.#hide(message, visibilitySeconds))
    }
    return taken
  }

  deleteMessage(receiptHandle: string): boolean {
    const entry = this.inflightMessages.get(receiptHandle)
    if (!entry) return false
    this.inflightMessages.delete(receiptHandle)
    this.#timers.clear(entry.message)
    this.#leave(entry.message)
    // In a FIFO queue this frees the group's next message.
    if (this.#visible.count > 0) this.#consumers.wake()
    return true
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    const entry = this.inflightMessages.get(receiptHandle)
    if (!entry) return
    this.#timers.clear(entry.message)
    if (seconds === 0) this.#reveal(entry)
    else this.#hideFor(entry, seconds)
  }

  /** Resolves at the next change that may have made a message available, after `seconds`, or when `signal` is aborted. */
  waitForMessages(seconds?: number, signal?: AbortSignal): Promise<void> {
    return this.#consumers.wait(seconds, signal)
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
    this.#options.journal?.purge(this.name)
    this.#forget()
  }

  /** Ends all waiting and all timers. */
  cancelWaiters(): void {
    this.#forget()
    this.#consumers.wake()
  }

  #forget(): void {
    this.#timers.clearAll()
    this.inflightMessages.clear()
    this.#visible.clear()
    this.#delayed = 0
  }

  #add(message: Message, showAt: number): void {
    this.#options.journal?.add(this.name, { message, showAt })
    this.#showAt(message, showAt)
  }

  /** The message is in this queue no more. */
  #leave(message: Message): void {
    this.#options.journal?.delete(this.name, message.messageId)
    this.#visible.leave(message)
  }

  #showAt(message: Message, showAt: number): void {
    const ms = showAt - this.#options.clock.now()
    if (ms <= 0) {
      this.#show(message)
      return
    }
    this.#delayed++
    this.#timers.set(message, ms, () => {
      this.#delayed--
      this.#show(message)
    })
  }

  #show(message: Message): void {
    this.#visible.add(message)
    this.#consumers.wake()
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
    this.#timers.set(entry.message, seconds * 1000, () => this.#reveal(entry))
  }

  #reveal(entry: InFlight): void {
    this.inflightMessages.delete(entry.receiptHandle)
    this.#visible.putBack(entry.message)
    this.#consumers.wake()
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
    // Without room on the disk it is handed out once more, and moved the next time.
    return !isRefused(() => target.#add({ ...message }, this.#options.clock.now()))
  }
}
