import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ManualClock } from './clock.ts'

/** The requests at the endpoint, which a ManualClock lets end before it moves. */
export interface Traffic {
  /** Counts a request until its answer is out. */
  watch(request: IncomingMessage, response: ServerResponse): void
  /** What waits for the clock itself holds nobody up: counts a request as over until `wait` is settled. */
  whileWaiting<T>(wait: Promise<T>): Promise<T>
}

export function followTraffic(clock: ManualClock): Traffic {
  let underWay = 0
  let rest = () => {}
  const count = (change: 1 | -1) => {
    clock.stir()
    underWay += change
    if (underWay === 0) rest()
  }
  const open = new Set<string>()
  clock.follow({
    get name() {
      return `what was asked of the endpoint (${[...open].join(', ')})`
    },
    async settle() {
      while (underWay > 0) {
        await new Promise<void>((resolve) => {
          rest = resolve
        })
      }
    },
    next: () => undefined,
    runDue() {},
  })
  return {
    watch(request, response) {
      // A long poll ends when its time is over.
      if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage') return clock.stir()
      const name = `${request.method} ${request.headers['x-amz-target'] ?? request.url}`
      open.add(name)
      count(1)
      response.once('close', () => {
        open.delete(name)
        count(-1)
      })
    },
    async whileWaiting(wait) {
      count(-1)
      try {
        return await wait
      } finally {
        count(1)
      }
    },
  }
}
