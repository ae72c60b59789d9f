import { type GraphQLSchema, Kind } from 'graphql'
import type { Delivery } from './delivery.ts'
import type { Payload } from './filter-match.ts'

/** One open subscription. */
export interface Subscription {
  id: string
  fieldName: string
  matches(payload: Payload): boolean
  /** Whether an invalidation with this payload ends it; absent when it set no invalidation filter. */
  invalidatedBy?: (payload: Payload) => boolean
  /** Reads its selection out of a published result. */
  deliver: Delivery
  send(text: string): void
  end(): void
}

/** AppSync's limit of one outbound message. */
const MAX_BYTES = 240 * 1024

/** mutation field → the subscription fields that `@aws_subscribe` hangs on it. */
function subscribersByMutation(schema: GraphQLSchema): Map<string, string[]> {
  const byMutation = new Map<string, string[]>()
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const directive = field.astNode?.directives?.find((candidate) => candidate.name.value === 'aws_subscribe')
    const list = directive?.arguments?.find((argument) => argument.name.value === 'mutations')?.value
    const names = list?.kind === Kind.LIST ? list.values : list ? [list] : []
    for (const name of names) {
      if (name.kind !== Kind.STRING) continue
      if (!schema.getMutationType()?.getFields()[name.value]) {
        throw new Error(
          `Subscription.${field.name} subscribes to mutation ${name.value}, which the schema does not have.`,
        )
      }
      byMutation.set(name.value, [...(byMutation.get(name.value) ?? []), field.name])
    }
  }
  return byMutation
}

/** The open subscriptions of an API, found by the field they are on. */
export class Subscriptions {
  readonly #open = new Map<string, Set<Subscription>>()
  readonly #byMutation: Map<string, string[]>
  readonly #log: (line: string) => void

  constructor(schema: GraphQLSchema, log: (line: string) => void) {
    this.#byMutation = subscribersByMutation(schema)
    this.#log = log
  }

  add(subscription: Subscription): void {
    const open = this.#open.get(subscription.fieldName)
    if (open) open.add(subscription)
    else this.#open.set(subscription.fieldName, new Set([subscription]))
  }

  remove(subscription: Subscription): void {
    const open = this.#open.get(subscription.fieldName)
    open?.delete(subscription)
    if (open?.size === 0) this.#open.delete(subscription.fieldName)
  }

  /** Whether a result of this mutation could interest anybody: asked before anything is spent on it. */
  hasSubscribers(mutation: string): boolean {
    return this.#byMutation.get(mutation)?.some((field) => this.#open.has(field)) ?? false
  }

  publish(mutation: string, payload: Payload): void {
    for (const field of this.#byMutation.get(mutation) ?? []) {
      for (const subscription of this.#open.get(field) ?? []) {
        if (subscription.matches(payload)) this.#send(subscription, payload)
      }
    }
  }

  #send(subscription: Subscription, payload: Payload): void {
    const delivered = JSON.stringify(subscription.deliver(payload))
    const size = Buffer.byteLength(delivered)
    if (size > MAX_BYTES) {
      // AppSync drops it as well, and tells nobody but its log.
      this.#log(`appsync: a push of ${size} bytes to ${subscription.fieldName} was dropped; the limit is ${MAX_BYTES}`)
      return
    }
    subscription.send(`{"type":"data","id":${JSON.stringify(subscription.id)},"payload":${delivered}}`)
  }

  invalidate(field: string, payload: Payload): void {
    for (const subscription of [...(this.#open.get(field) ?? [])]) {
      if (subscription.invalidatedBy?.(payload)) subscription.end()
    }
  }
}
