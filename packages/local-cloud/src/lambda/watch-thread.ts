import inspector from 'node:inspector'
import { setFlagsFromString } from 'node:v8'
import type { Worker } from 'node:worker_threads'
import type { LossReason } from './loss.ts'
import type { Order } from './messages.ts'

/** How often a thread is asked whether it is there, on the real clock. */
const TICK_MS = 250
/** From here on a silent thread's memory is looked at from outside. */
const SILENT_MS = 1_000
const MB = 1024 * 1024

export interface ThreadLimits {
  /** How long it may go without a turn of its event loop. */
  seconds: number
  /** Of its heap and its buffers. */
  memoryMb: number
}

export interface ThreadWatch {
  begin(): void
  /** The thread is there, and uses so much after a garbage collection. */
  answered(usedMb: number): void
  end(): void
}

// A loop that V8 13 unrolls may lose its check for interrupts when it does nothing but allocate, as in
// `for (;;) list.push(new Array(1000))`: nothing could end its thread then before the memory of all is used up.
if (Number.parseInt(process.versions.v8, 10) >= 13) setFlagsFromString('--no-turboshaft-loop-unrolling')

/** Tells once when the thread does not answer any more, or uses too much memory. */
export function watchThread(worker: Worker, limits: ThreadLimits, tell: (reason: LossReason) => void): ThreadWatch {
  let timer: NodeJS.Timeout | undefined
  let isAsked = false
  let silentMs = 0
  let lastTick = 0
  let idle = 0
  /** When it was looked at last, in its silence. */
  let usedMb = 0

  function tick() {
    const now = performance.now()
    // A laptop that slept and a main thread that was busy count for one tick: they are no silence of the thread.
    silentMs += Math.min(now - lastTick, 2 * TICK_MS)
    lastTick = now
    if (!isAsked) ask()
    // It has waited for something since: on a busy machine its answer may still be on the way.
    const waited = worker.performance.eventLoopUtilization().idle
    // Nor is a breakpoint silence.
    if (waited > idle || inspector.url()) silentMs = 0
    idle = waited
    if (silentMs >= limits.seconds * 1000) giveSilent()
    else if (silentMs >= SILENT_MS) void look()
  }

  function ask() {
    isAsked = true
    silentMs = 0
    usedMb = 0
    worker.postMessage({ type: 'ping', memoryMb: limits.memoryMb } satisfies Order)
  }

  // A thread in a loop collects its garbage late, and cannot be asked to: so it gets twice its due.
  async function look() {
    usedMb = await usedBy(worker)
    if (timer && usedMb > 2 * limits.memoryMb) giveMemory(usedMb)
  }

  function giveSilent() {
    if (usedMb > limits.memoryMb) giveMemory(usedMb)
    else give({ kind: 'unresponsive', seconds: limits.seconds })
  }

  function giveMemory(megabytes: number) {
    give({ kind: 'memory', megabytes: Math.round(megabytes), limitMb: limits.memoryMb })
  }

  function give(reason: LossReason) {
    end()
    tell(reason)
  }

  function end() {
    clearInterval(timer)
    timer = undefined
  }

  return {
    begin() {
      if (timer) return
      isAsked = false
      silentMs = 0
      lastTick = performance.now()
      timer = setInterval(tick, TICK_MS).unref()
    },
    answered(megabytes) {
      isAsked = false
      if (timer && megabytes > limits.memoryMb) giveMemory(megabytes)
    },
    end,
  }
}

/** In megabytes. V8 answers even within a loop; where Node cannot ask it (before 22.16), the whole process has to do. */
async function usedBy(worker: Worker): Promise<number> {
  if (!worker.getHeapStatistics) return process.memoryUsage.rss() / MB
  try {
    const { used_heap_size, external_memory } = await worker.getHeapStatistics()
    return (used_heap_size + external_memory) / MB
  } catch {
    // It has ended meanwhile.
    return 0
  }
}
