/** As much of a process as a shutdown is about. */
export interface Terminable {
  once(event: 'SIGTERM', listener: () => void): unknown
  exit(code: number): void
}

type Handler<Event, Context, Result> = (event: Event, context: Context) => Promise<Result>

export interface Shutdown {
  signal: AbortSignal
  letEnd<Event, Context, Result>(handler: Handler<Event, Context, Result>): Handler<Event, Context, Result>
}

/**
 * What to do on SIGTERM, which a long-lived host sends, and Lambda where an extension is registered: `signal` aborts, what
 * is under way in the handler comes to its end, and the process ends.
 */
export function onSigterm(process: Terminable): Shutdown {
  const closing = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  process.once('SIGTERM', async () => {
    closing.abort()
    await Promise.allSettled(underWay)
    // The host still has to take the answers of what ended just now.
    setImmediate(() => process.exit(0))
  })
  return {
    signal: closing.signal,
    letEnd<Event, Context, Result>(handler: Handler<Event, Context, Result>): Handler<Event, Context, Result> {
      return (event, context) => {
        const ended = handler(event, context)
        underWay.add(ended)
        const forget = () => underWay.delete(ended)
        ended.then(forget, forget)
        return ended
      }
    },
  }
}
