import { AsyncResource } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import { promisify } from 'node:util'

/** The timers of this thread on the clock of the main thread. */
export interface VirtualTime {
  /** When the next timer is due; undefined when none is set. */
  next(): number | undefined
  /** Runs what is due by now. */
  runDue(): void
}

/**
 * Makes `Date` and all timers in this thread tell and obey the time of a ManualClock, which the main thread writes into
 * `shared`, and `Math.random` follow the seed beside it, for each `invocation` on its own. What Node keeps time for by itself, such as the time-outs of sockets, stays real: it is about the real machine.
 */
export function followClock(shared: SharedArrayBuffer, invocation: () => object | undefined): VirtualTime {
  const time = new Float64Array(shared)
  const now = () => time[0] as number
  replaceDate(now)
  replaceRandom(() => time[1] as number, now, invocation)
  return replaceTimers(now)
}

function replaceDate(now: () => number): void {
  const SystemDate = Date
  globalThis.Date = new Proxy(SystemDate, {
    apply: () => new SystemDate(now()).toString(),
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
}

/**
 * A number from 0 to 1 that follows from the seed, the time, and how often the invocation has drawn in this moment: which of
 * two invocations is served first by the real machine, or draws more often, changes nothing for the other.
 */
function replaceRandom(seed: () => number, now: () => number, invocation: () => object | undefined): void {
  const outside = {}
  const draws = new WeakMap<object, { at: number; count: number }>()
  Math.random = () => {
    const drawer = invocation() ?? outside
    const before = draws.get(drawer)
    const draw = { at: now(), count: before?.at === now() ? before.count + 1 : 0 }
    draws.set(drawer, draw)
    return [draw.at / 2 ** 32, draw.at, draw.count].reduce(mixed, mixed(0, seed())) / 2 ** 32
  }
}

/** Mixes a number into a state of 32 bits, as the generator mulberry32 does. */
function mixed(state: number, value: number): number {
  const sum = ((state ^ value) + 0x6d2b79f5) | 0
  let mix = Math.imul(sum ^ (sum >>> 15), 1 | sum)
  mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix
  return (mix ^ (mix >>> 14)) >>> 0
}

/** What setTimeout and setInterval return: as much of Node's Timeout as programs use. */
class VirtualTimeout {
  readonly #pending: Set<VirtualTimeout>
  readonly #now: () => number
  readonly #callback: () => void
  readonly #ms: number
  readonly #repeats: boolean
  at = 0

  constructor(pending: Set<VirtualTimeout>, now: () => number, callback: () => void, ms: number, repeats = false) {
    this.#pending = pending
    this.#now = now
    this.#callback = AsyncResource.bind(callback)
    // As Node has it: what is no number or out of range is 1 ms.
    this.#ms = ms >= 1 && ms <= 2 ** 31 - 1 ? Math.trunc(ms) : 1
    this.#repeats = repeats
    this.refresh()
  }

  run(): void {
    if (this.#repeats) this.refresh()
    else this.close()
    this.#callback()
  }

  refresh(): this {
    // Set anew, so that of two timers for one moment the one that was set first comes first.
    this.#pending.delete(this)
    this.at = this.#now() + this.#ms
    this.#pending.add(this)
    return this
  }

  close(): this {
    this.#pending.delete(this)
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function replaceTimers(now: () => number): VirtualTime {
  const pending = new Set<VirtualTimeout>()
  const earliest = () => {
    let first: VirtualTimeout | undefined
    for (const timer of pending) if (!first || timer.at < first.at) first = timer
    return first
  }
  type Callback = (...args: unknown[]) => void
  const set =
    (repeats: boolean) =>
    (callback: Callback, ms = 1, ...args: unknown[]) =>
      new VirtualTimeout(pending, now, () => callback(...args), ms, repeats)
  const clear = (timer: unknown) => {
    if (timer instanceof VirtualTimeout) timer.close()
  }
  const setTimeout = set(false)
  const wait = waiting(setTimeout)
  Object.defineProperty(setTimeout, promisify.custom, { value: wait })
  const replaced = { setTimeout, setInterval: set(true), clearTimeout: clear, clearInterval: clear }
  Object.assign(globalThis, replaced)
  Object.assign(timers, replaced)
  Object.assign(promises, { setTimeout: wait })
  syncBuiltinESMExports()
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms)
    return controller.signal
  }
  return {
    next: () => earliest()?.at,
    runDue() {
      for (let timer = earliest(); timer && timer.at <= now(); timer = earliest()) timer.run()
    },
  }
}

/** The setTimeout of node:timers/promises. */
function waiting(setTimeout: (callback: () => void, ms?: number) => VirtualTimeout) {
  return (ms?: number, value?: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const aborted = () => reject(new DOMException('The operation was aborted', 'AbortError'))
      if (signal?.aborted) return aborted()
      const abort = () => {
        timer.close()
        aborted()
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve(value)
      }, ms)
      signal?.addEventListener('abort', abort, { once: true })
    })
}
