import { generateClient } from 'aws-amplify/api'
import { Hub } from 'aws-amplify/utils'

interface Subscribable<T> {
  subscribe(observer: { next(message: { data: T }): void; error(error: unknown): void }): { unsubscribe(): void }
}

export interface Subscription {
  /** Resolves when AppSync has acknowledged it: what is pushed from then on arrives. Rejects when it is refused. */
  ready: Promise<void>
  unsubscribe(): void
}

export interface SubscribeHandlers<T> {
  next(data: T): void
  error(error: Error): void
  /** The connection is back after a break, in which pushes may have been missed. */
  reconnect?(): void
}

/** What of Amplify's client is used: that of `generateClient()`, or one with an endpoint and a way to sign in of its own. */
export interface GraphQLClient {
  graphql(request: { query: string; variables: Record<string, unknown> }): unknown
}

/** Subscribes through Amplify and says when the subscription stands, which Amplify itself tells on its Hub only. */
export function subscribe<T>(
  query: string,
  variables: Record<string, unknown>,
  on: SubscribeHandlers<T>,
  client: GraphQLClient = generateClient() as GraphQLClient,
): Subscription {
  const key = JSON.stringify(variables)
  let stopListening = () => {}
  let acknowledged = false
  const ready = new Promise<void>((resolve, reject) => {
    stopListening = Hub.listen('api', ({ payload }) => {
      if (payload.event !== 'Subscription ack') return
      const about = payload.data as { query?: string; variables?: unknown }
      if (JSON.stringify(about.variables) !== key || !sameField(about.query, query)) return
      if (acknowledged) on.reconnect?.()
      acknowledged = true
      resolve()
    })
    const fail = (error: unknown) => {
      reject(asError(error))
      if (acknowledged) on.error(asError(error))
    }
    const source = client.graphql({ query, variables }) as Subscribable<T>
    const subscription = source.subscribe({ next: ({ data }) => on.next(data), error: fail })
    const stop = stopListening
    stopListening = () => {
      stop()
      subscription.unsubscribe()
    }
  })
  return { ready, unsubscribe: () => stopListening() }
}

/** Amplify prints the document anew, so two texts of it differ in white space only. */
function sameField(one = '', other: string): boolean {
  const plain = (text: string) => text.replace(/[\s,]+/g, '')
  return plain(one) === plain(other)
}

/** Amplify rejects with `{ errors: [{ message }] }`, which is no Error. */
export function asError(error: unknown): Error {
  if (error instanceof Error) return error
  const errors = (error as { errors?: { message: string }[] } | undefined)?.errors
  return new Error(errors?.map(({ message }) => message).join('; ') ?? JSON.stringify(error))
}
