import { AsyncLocalStorage } from 'node:async_hooks'

/** What fauxqs keeps from the queue about the request it is carrying out. */
export interface WireRequest {
  /** Aborted when the client hangs up: a long poll must not take messages for nobody. */
  signal: AbortSignal
  /** The message group of a message in this request; fauxqs drops it on standard queues, where it makes a queue fair. */
  groupOf(body: string): string | undefined
}

/** The request whose action runs now, if the call came over the wire. */
export const wireRequest = new AsyncLocalStorage<WireRequest>()

interface SentMessage {
  MessageBody?: string
  MessageGroupId?: string
}

export function describeRequest(body: Buffer, signal: AbortSignal): WireRequest {
  const sent = body.includes('"MessageGroupId"') ? sentMessages(body) : []
  return {
    signal,
    groupOf(text) {
      const index = sent.findIndex(({ MessageBody }) => MessageBody === text)
      // Each is used once: two messages with the same body may be of different groups.
      return index < 0 ? undefined : sent.splice(index, 1)[0]?.MessageGroupId
    },
  }
}

function sentMessages(body: Buffer): SentMessage[] {
  try {
    const request: SentMessage & { Entries?: SentMessage[] } = JSON.parse(body.toString())
    return request.Entries ?? [request]
  } catch {
    // fauxqs parses the same text and refuses the request.
    return []
  }
}
