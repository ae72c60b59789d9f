/** The one source of time of the local cloud: every timer in it asks here, so a test may move it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `callback` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` on `clock`; rejects with the signal's reason when it is aborted before that. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** What a ManualClock drives beside its own timers, and what must have come to rest before it may move. */
export interface Follower {
  /** Says what this is, for the error when it does not come to rest. */
  readonly name: string
  /** Resolves when everything under way here waits for time to pass. */
  settle(): Promise<void>
  /** When its next timer is due. */
  next(): number | undefined
  /** Runs its timers that are due by now. */
  runDue(): void
}

interface Timer {
  at: number
  callback: () => void
}

/** Real time: nothing that runs in this process takes nearly as long, unless it waits for something that never comes. */
const RESTLESS_MS = 60_000

/**
 * A clock that stands still until a test moves it with `advance`. Whoever follows it, such as the threads of the local
 * functions, gets the same time, and between two timers everything comes to rest: nothing under way sees time jump.
 */
export class ManualClock implements Clock {
  /** The time, and the seed of chance, as two Float64, for other threads to read. */
  readonly shared = new SharedArrayBuffer(16)
  readonly #time = new Float64Array(this.shared)
  readonly #timers = new Set<Timer>()
  readonly #followers = new Set<Follower>()
  #activity = 0

  constructor(start = Date.now()) {
    this.#time[0] = start
  }

  now(): number {
    return this.#time[0] as number
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.now() + ms, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** From here on `Math.random` gives the functions' threads the numbers that follow from `seed`, so that a run repeats. */
  seed(seed: number): void {
    this.#time[1] = seed
  }

  /** Counts what has happened; as long as it rises, the followers are not at rest. */
  get activity(): number {
    return this.#activity
  }

  /** Tells that something has happened that others may have to work on. */
  stir(): void {
    this.#activity++
  }

  /** Has `follower` come along; the returned function lets it go. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /** Moves time on by `ms`: what falls due runs in order, and everything comes to rest after each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.now() + ms
    if (this.#followers.size > 0) await this.settle()
    for (let run = this.#nextDue(end); run; run = this.#nextDue(end)) {
      run()
      await this.settle()
    }
    this.#time[0] = end
  }

  /** What a closed lid or a stopped process does: time is `ms` later, and whatever fell due meanwhile runs now, late. */
  async jump(ms: number): Promise<void> {
    if (this.#followers.size > 0) await this.settle()
    this.#time[0] = this.now() + ms
    await this.advance(0)
  }

  /** Resolves when nothing goes on any more that does not wait for this clock. */
  async settle(): Promise<void> {
    let seen: number
    do {
      seen = this.#activity
      await turns(this.#followers.size > 0 ? 3 : 1)
      await Promise.all([...this.#followers].map(atRest))
    } while (this.#activity !== seen)
  }

  /** Moves to the next timer up to `end` and returns what runs it. Those of followers come after our own of the same time. */
  #nextDue(end: number): (() => void) | undefined {
    let at = Number.POSITIVE_INFINITY
    let run: (() => void) | undefined
    for (const timer of this.#timers) {
      if (timer.at >= at) continue
      at = timer.at
      run = () => {
        this.#timers.delete(timer)
        timer.callback()
      }
    }
    for (const follower of this.#followers) {
      const next = follower.next()
      if (next === undefined || next >= at) continue
      at = next
      run = () => follower.runDue()
    }
    if (at > end) return undefined
    this.#time[0] = Math.max(this.now(), at)
    return run
  }
}

/** Lets what is already under way in this thread go on, for so many rounds of its event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function atRest(follower: Follower): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const restless = new Promise<never>((_resolve, reject) => {
    const message = `the clock cannot move: ${follower.name} did not come to rest within ${RESTLESS_MS / 1000} s`
    timer = setTimeout(() => reject(new Error(message)), RESTLESS_MS)
  })
  await Promise.race([follower.settle(), restless]).finally(() => clearTimeout(timer))
}
