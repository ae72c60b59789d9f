import type { Clock } from '../clock.ts'
import type { Identity } from '../service.ts'
import type { Journal } from './journal.ts'
import { Queue } from './queue.ts'

export interface QueueStoreOptions {
  clock: Clock
  identity: Identity
  baseUrl: () => string
  journal?: Journal
}

/** The queues by name, in the form that fauxqs's actions look for: they ask for a queue by URL or ARN. */
export class QueueStore {
  readonly region: string
  readonly #options: QueueStoreOptions
  readonly #queues = new Map<string, Queue>()

  constructor(options: QueueStoreOptions) {
    this.#options = options
    this.region = options.identity.region
  }

  /** fauxqs passes a URL and an ARN of its own making; the local cloud has its own account, region and address. */
  createQueue(name: string, _url: string, _arn: string, attributes: Record<string, string> = {}, tags = {}): Queue {
    const { clock, identity, baseUrl, journal } = this.#options
    const queue = new Queue({
      clock,
      name,
      url: () => `${baseUrl()}/${identity.accountId}/${name}`,
      arn: `arn:aws:sqs:${identity.region}:${identity.accountId}:${name}`,
      attributes,
      tags,
      findQueue: (arn) => this.getQueueByArn(arn),
      journal,
    })
    this.#queues.set(name, queue)
    return queue
  }

  deleteQueue(url: string): boolean {
    const queue = this.getQueue(url)
    queue?.purge()
    queue?.cancelWaiters()
    return queue !== undefined && this.#queues.delete(queue.name)
  }

  /** By the name alone: a client may know this machine under another host name. */
  getQueue(url: string): Queue | undefined {
    return this.#queues.get(url.slice(url.lastIndexOf('/') + 1))
  }

  getQueueByArn(arn: string): Queue | undefined {
    return this.#queues.get(arn.slice(arn.lastIndexOf(':') + 1))
  }

  listQueues(prefix = '', max = Number.POSITIVE_INFINITY): Queue[] {
    return [...this.#queues.values()].filter(({ name }) => name.startsWith(prefix)).slice(0, max)
  }

  buildQueueUrl(name: string): string {
    return name
  }

  shutdown(): void {
    for (const queue of this.#queues.values()) queue.cancelWaiters()
  }
}
