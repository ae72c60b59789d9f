import { randomUUID } from 'node:crypto'
import { type Clock, sleep } from '../clock.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { Identity } from '../service.ts'
import type { Sqs } from '../sqs/sqs.ts'
import type { Occurrences } from './schedule-expression.ts'
import type { ScheduleSettings } from './schedule-settings.ts'

/** setTimeout takes no more than 24.8 days, and a laptop that slept should notice the time that has passed. */
const longestTimerMs = 3_600_000
const firstRetryMs = 1_000
const longestRetryMs = 60_000

export interface ScheduleHost {
  clock: Clock
  lambda: Pick<Lambda, 'invokeAsync'>
  /** For dead-letter queues. */
  sqs?: Pick<Sqs, 'send'>
  identity: Identity
  log: (line: string) => void
}

/** One schedule with its timer. */
export class Schedule {
  readonly settings: ScheduleSettings
  readonly arn: string
  readonly createdAt: number
  readonly #host: ScheduleHost
  readonly #occurrences: Occurrences
  readonly #stopping = new AbortController()
  readonly #onComplete: () => void
  #cancelTimer = () => {}

  constructor(settings: ScheduleSettings, occurrences: Occurrences, host: ScheduleHost, onComplete: () => void) {
    const { accountId, region } = host.identity
    this.settings = settings
    this.arn = `arn:aws:scheduler:${region}:${accountId}:schedule/${settings.GroupName}/${settings.Name}`
    this.createdAt = host.clock.now()
    this.#host = host
    this.#occurrences = occurrences
    this.#onComplete = onComplete
    // One millisecond earlier, so that a rate is due at its very start.
    if (settings.State === 'ENABLED') this.#arm(Math.max(settings.start ?? 0, this.createdAt) - 1)
  }

  stop(): void {
    this.#cancelTimer()
    this.#stopping.abort()
  }

  #arm(after: number): void {
    const due = this.#occurrences.next(after)
    if (due === undefined || due > (this.settings.end ?? Number.POSITIVE_INFINITY)) this.#onComplete()
    else this.#wait(due)
  }

  #wait(due: number): void {
    const { clock } = this.#host
    const left = due - clock.now()
    if (left > longestTimerMs) {
      this.#cancelTimer = clock.after(longestTimerMs, () => this.#wait(due))
      return
    }
    this.#cancelTimer = clock.after(Math.max(0, left), () => {
      void this.#fire(due)
      // What a sleeping laptop missed is not caught up: one run tells as much as a hundred.
      this.#arm(Math.max(due, clock.now()))
    })
  }

  /** Hands the event to Lambda; a failed hand-over is tried again as the retry policy says. */
  async #fire(due: number): Promise<void> {
    const { clock, lambda, log } = this.#host
    const { target } = this.settings
    const executionId = randomUUID()
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt++) {
      try {
        lambda.invokeAsync(target.arn, this.#event(due, executionId, attempt))
        return
      } catch (error) {
        const isOver = attempt > target.maximumRetryAttempts || clock.now() - due >= target.maximumEventAgeMs
        log(`${this.arn}: cannot invoke ${target.arn}${isOver ? ', given up' : ''}: ${error}`)
        if (isOver) return this.#bury(this.#event(due, executionId, attempt))
      }
      const wait = Math.min(firstRetryMs * 2 ** (attempt - 1), longestRetryMs)
      // Only stopping ends the wait early, and the loop sees that for itself.
      await sleep(clock, wait, this.#stopping.signal).catch(() => {})
    }
  }

  /** Sends an event that could not be handed over to the dead-letter queue, if the target has one. */
  async #bury(event: unknown): Promise<void> {
    const { log, sqs } = this.#host
    const { deadLetterArn } = this.settings.target
    if (!deadLetterArn || !sqs) return
    try {
      await sqs.send(deadLetterArn, JSON.stringify(event))
    } catch (error) {
      log(`${this.arn}: lost its event: ${error}`)
    }
  }

  #event(due: number, executionId: string, attempt: number): unknown {
    const { accountId, region } = this.#host.identity
    const time = new Date(due).toISOString().replace(/\.\d+Z$/, 'Z')
    const { input } = this.settings.target
    if (input === undefined) {
      return {
        version: '0',
        id: executionId,
        'detail-type': 'Scheduled Event',
        source: 'aws.scheduler',
        account: accountId,
        time,
        region,
        resources: [this.arn],
        detail: '{}',
      }
    }
    const context: Record<string, string> = {
      'schedule-arn': this.arn,
      'scheduled-time': time,
      'execution-id': executionId,
      'attempt-number': String(attempt),
    }
    return JSON.parse(input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name) => context[name] ?? whole))
  }
}
