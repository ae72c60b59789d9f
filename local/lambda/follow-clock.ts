import type { MessagePort } from 'node:worker_threads'
import type { Report } from './messages.ts'

/** Makes `Date` in this thread tell the time of the main thread's clock, so that leases and deadlines obey a test's clock. */
export function followClock(shared: SharedArrayBuffer, port: MessagePort): void {
  const lock = new Int32Array(shared, 0, 1)
  const time = new Float64Array(shared, 8, 1)
  const now = () => {
    Atomics.store(lock, 0, 0)
    port.postMessage({ type: 'now' } satisfies Report)
    Atomics.wait(lock, 0, 0)
    return time[0] as number
  }
  const SystemDate = Date
  globalThis.Date = new Proxy(SystemDate, {
    apply: () => new SystemDate(now()).toString(),
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
}

/** The main thread's side: answers a thread that waits for the time. */
export function tellTime(shared: SharedArrayBuffer, now: number): void {
  new Float64Array(shared, 8, 1)[0] = now
  const lock = new Int32Array(shared, 0, 1)
  Atomics.store(lock, 0, 1)
  Atomics.notify(lock, 0)
}
