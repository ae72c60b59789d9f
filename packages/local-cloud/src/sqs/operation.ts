import { AsyncLocalStorage } from 'node:async_hooks'

/** What fauxqs keeps from the queue about the request it is carrying out. */
export interface WireRequest {
  /** Aborted when the client hangs up: a long poll must not take messages for nobody. */
  signal: AbortSignal
  /** The message group of a message in this request; fauxqs drops it on standard queues, where it makes a queue fair. */
  groupOf(body: string): string | undefined
}

/** The request whose operation runs now, if the call came over the wire. */
export const wireRequest = new AsyncLocalStorage<WireRequest>()
