import type { ManualClock } from '../clock.ts'
import type { Order } from './messages.ts'

/** Has a thread live by `clock`: the clock knows the thread's next timer, and waits for the thread to come to rest. */
export function followThread(clock: ManualClock, name: string, send: (order: Order) => void) {
  let nextTimer: number | undefined
  let askedAt = -1
  let hasEnded = false
  const waiting: (() => void)[] = []
  const unfollow = clock.follow({
    name: `the function ${name}`,
    async settle() {
      // Nothing has happened anywhere since its last answer.
      if (hasEnded || (askedAt === clock.activity && waiting.length === 0)) return
      askedAt = clock.activity
      send({ type: 'settle' })
      await new Promise<void>((resolve) => waiting.push(resolve))
    },
    next: () => nextTimer,
    runDue() {
      nextTimer = undefined
      clock.stir()
      send({ type: 'runDue' })
    },
  })
  return {
    stir: () => clock.stir(),
    settled(next: number | undefined) {
      nextTimer = next
      waiting.shift()?.()
    },
    end() {
      hasEnded = true
      clock.stir()
      unfollow()
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
}
