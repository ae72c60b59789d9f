import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Clock, ManualClock, systemClock } from '../clock.ts'
import { deferred } from '../deferred.ts'
import { followThread } from './follow-thread.ts'
import { type LossReason, lossError } from './loss.ts'
import type { EnvironmentSettings, Invocation, Order, Report } from './messages.ts'
import { exitError, type RuntimeError, timeoutError } from './runtime-errors.ts'
import { type ThreadLimits, type ThreadWatch, watchThread } from './watch-thread.ts'

/** Lambda's limit for the code outside the handler. */
const initSeconds = 10

/** What Lambda gives an environment at most between SIGTERM and SIGKILL. */
const shutdownMs = 2_000

/** More than a log tail of 4 KB holds; an invocation must not keep all that it ever printed. */
const keptLines = 200

/** What V8 itself enforces is the last resort: it may end the whole process there. The watch comes long before. */
const heapMb = 4096

/** How one invocation ended; `payload` is JSON text. */
export interface Outcome {
  payload: string
  failed: boolean
  lines: string[]
  /** Set when the environment ended under it, and why. */
  lost?: LossReason
}

interface Running {
  event: string
  lines: string[]
  cancelTimeout: () => void
  finish: (outcome: Outcome) => void
}

export interface EnvironmentOptions {
  clock: Clock
  settings: EnvironmentSettings
  environment: Record<string, string>
  timeoutSeconds: number
  limits: ThreadLimits
  log: (line: string) => void
  /** The environment takes no more invocations. */
  onEnd: () => void
}

/** One execution environment: a thread that has loaded the handler, and the invocations that run in it. */
export class Environment {
  readonly #options: EnvironmentOptions
  readonly #worker: Worker
  readonly #running = new Map<string, Running>()
  readonly #virtualTime: ReturnType<typeof followThread> | undefined
  /** None where time is virtual: how long a thread really takes must not matter there. */
  readonly #watch: ThreadWatch | undefined
  #invocations = 0
  #cancelInitTimeout: () => void
  #started = deferred()
  #isReady = false
  #hasEnded = false
  #isShutDown = false

  constructor(options: EnvironmentOptions) {
    this.#options = options
    const { clock, settings } = options
    const manual = clock instanceof ManualClock ? clock : undefined
    const workerData = manual ? { ...settings, clock: manual.shared } : settings
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), {
      workerData,
      env: options.environment,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(heapMb, 4 * options.limits.memoryMb) },
    })
    this.#watch = manual ? undefined : watchThread(this.#worker, options.limits, (reason) => this.#lose(reason))
    this.#virtualTime =
      manual && followThread(manual, settings.functionName, (order) => this.#worker.postMessage(order))
    this.#worker.on('message', (report: Report) => this.#receive(report))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => this.#lose(reasonOf(error)))
    this.#worker.on('exit', (code) => {
      this.#virtualTime?.end()
      this.#lose({ kind: 'exit', code })
    })
    this.#cancelInitTimeout = clock.after(initSeconds * 1000, () => {
      this.#endWith((requestId) => timeoutError(clock.now(), requestId, initSeconds))
    })
  }

  /** Settles when the handler is loaded, or could not be. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  get isIdle(): boolean {
    return this.#running.size === 0
  }

  /** Whether it never had more than one invocation. */
  get isOfOne(): boolean {
    return this.#invocations === 1
  }

  /** Runs one invocation; waits for the cold start when there is one. Never rejects. */
  run(requestId: string, event: string): Promise<Outcome> {
    this.#invocations++
    return new Promise((finish) => {
      this.#running.set(requestId, { event, lines: [], cancelTimeout: () => {}, finish })
      if (this.#isReady) this.#start(requestId)
    })
  }

  /** Lambda's Shutdown phase: SIGTERM, and some time to end what runs; then the thread is killed. */
  async shutdown(): Promise<void> {
    const exited = deferred()
    this.#worker.once('exit', exited.resolve)
    // The handler is not loaded: nothing runs that could be ended well.
    if (!this.#isReady || this.#hasEnded) return this.kill()
    this.#options.onEnd()
    this.#isShutDown = true
    this.#virtualTime?.stir()
    this.#worker.postMessage({ type: 'shutdown' } satisfies Order)
    // Real time, as it is the real machine that waits.
    const cancel = systemClock.after(shutdownMs, exited.resolve)
    await exited.promise
    cancel()
    await this.kill()
  }

  /** Ends the thread now, as a crash of the machine would; what runs in it fails. */
  async kill(): Promise<void> {
    this.#endWith((requestId) => exitError(requestId, 'Runtime exited with error: signal: killed'))
    await this.#end()
  }

  /** Takes no more invocations, and ends with the last of those that run. */
  retire(): void {
    if (!this.#hasEnded) this.#options.onEnd()
    this.#hasEnded = true
    if (this.isIdle) void this.#end()
  }

  #start(requestId: string): void {
    const running = this.#running.get(requestId)
    if (!running) return
    this.#watch?.begin()
    const { clock, timeoutSeconds } = this.#options
    running.cancelTimeout = clock.after(timeoutSeconds * 1000, () => this.#timeOut(requestId))
    const deadline = clock.now() + timeoutSeconds * 1000
    this.#virtualTime?.stir()
    this.#worker.postMessage({ type: 'invoke', requestId, event: running.event, deadline } satisfies Invocation)
  }

  // Lambda ends an environment whose invocation timed out. Ours may run others beside it: it gets no new ones, and
  // ends with the last of them.
  #timeOut(requestId: string): void {
    const { clock, timeoutSeconds } = this.#options
    this.#fail(requestId, timeoutError(clock.now(), requestId, timeoutSeconds))
    this.retire()
  }

  #receive(report: Report): void {
    if (report.type !== 'settled') this.#virtualTime?.stir()
    switch (report.type) {
      case 'result':
        this.#finish(report.requestId, report.payload, false)
        break
      case 'error':
        this.#fail(report.requestId, report.error)
        break
      case 'line':
        this.#keepLine(report.requestId, report.line)
        break
      case 'settled':
        this.#virtualTime?.settled(report.nextTimer)
        break
      case 'fatal':
        this.#options.log(`${report.error.errorType}: ${report.error.errorMessage}`)
        this.#lose({ kind: 'crash', error: report.error })
        break
      case 'pong':
        this.#watch?.answered(report.usedMb)
        break
      case 'ready':
        this.#isReady = true
        this.#cancelInitTimeout()
        this.#started.resolve()
        for (const requestId of [...this.#running.keys()]) this.#start(requestId)
    }
  }

  #keepLine(requestId: string | undefined, line: string): void {
    const lines = requestId === undefined ? undefined : this.#running.get(requestId)?.lines
    if (lines && lines.push(line) > keptLines) lines.shift()
    this.#options.log(line)
  }

  #fail(requestId: string, error: RuntimeError, lost?: LossReason): void {
    this.#finish(requestId, JSON.stringify(error), true, lost)
  }

  #finish(requestId: string, payload: string, failed: boolean, lost?: LossReason): void {
    const running = this.#running.get(requestId)
    if (!running) return
    this.#running.delete(requestId)
    running.cancelTimeout()
    running.finish({ payload, failed, lines: running.lines, lost })
    if (!this.isIdle) return
    this.#watch?.end()
    if (this.#hasEnded) void this.#end()
  }

  /** An environment that could not even be loaded, or was told to end, is no invocation's fault. */
  #lose(reason: LossReason): void {
    const lost = this.#isReady && !this.#isShutDown ? reason : undefined
    this.#endWith((requestId) => lossError(requestId, reason), lost)
  }

  #endWith(errorFor: (requestId: string) => RuntimeError, lost?: LossReason): void {
    this.#cancelInitTimeout()
    this.#started.resolve()
    if (!this.#hasEnded) this.#options.onEnd()
    this.#hasEnded = true
    for (const requestId of [...this.#running.keys()]) this.#fail(requestId, errorFor(requestId), lost)
    void this.#end()
  }

  #end(): Promise<number> {
    this.#watch?.end()
    return this.#worker.terminate()
  }
}

function reasonOf({ code, name, message }: NodeJS.ErrnoException): LossReason {
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'memory', megabytes: heapMb, limitMb: heapMb }
  return { kind: 'crash', error: { errorType: name, errorMessage: message } }
}
