import type { Clock } from '../../sdk/clock.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { isoTime } from '../clock.ts'
import type { ClaimedJob } from '../job/job.ts'
import { EVENTS_PER_CLAIM, eventSeq } from '../job/job.ts'
import type { Log } from '../log.ts'
import type { Mutate } from '../push/mutations.ts'
import { appendAgentJobEvent, isOfUpgrade, UPGRADE_MS } from '../push/mutations.ts'
import { untilTaken } from '../retry.ts'

export type JobEventType = 'TEXT' | 'PROGRESS' | 'TOOL_CALL' | 'TOOL_RESULT' | 'LOG'

/** The events of one run: taken in at once, stored and pushed in order, one mutation each. */
export interface JobEvents {
  text(delta: string): void
  add(type: Exclude<JobEventType, 'TEXT'>, data: Record<string, unknown>): void
  /** A number for what this run stores in the table itself; no event will have it. */
  nextSeq(): number
  /** Resolves when everything taken in has been stored and pushed, or given up at `deadline` (epoch ms), which may come nearer. */
  close(deadline: () => number): Promise<void>
}

type Waiting = { type: 'TEXT'; text: string } | { type: Exclude<JobEventType, 'TEXT'>; data: string }

// A mutation per token would cost more than the model. This often still reads as live.
const TEXT_EVERY_MS = 200
const TEXT_CHARS = 1_024
// What one event may hold of one text: AppSync pushes at most 240 KB, and JSON text within JSON grows.
const MAX_TEXT_CHARS = 30_000

export function createJobEvents(
  job: ClaimedJob,
  { mutate, clock, random, ttl, log }: { mutate: Mutate; clock: Clock; random: () => number; ttl: number; log: Log },
): JobEvents {
  const waiting: Waiting[] = []
  let sent = 0
  let sending: Promise<void> | undefined
  let giveUpAt = () => Number.POSITIVE_INFINITY
  const patience = patienceWithUpgrade(clock)
  let closing = false
  let stopTimer: (() => void) | undefined

  /** Text alone waits for more text; anything after it, or enough of it, sends it off. */
  function schedule() {
    if (sending || waiting.length === 0) return
    const [first] = waiting
    const alone = waiting.length === 1 && first?.type === 'TEXT' && first.text.length < TEXT_CHARS
    if (!alone || closing) return start()
    stopTimer ??= clock.after(TEXT_EVERY_MS, start)
  }

  function start() {
    stopTimer?.()
    stopTimer = undefined
    sending ??= sendAll().finally(() => {
      sending = undefined
      schedule()
    })
  }

  async function sendAll() {
    // What comes in meanwhile waits for its own turn, so that text keeps gathering while a slow push is under way.
    for (const next of waiting.splice(0)) await send(next)
  }

  const nextSeq = () => eventSeq(job.claims, ++sent)

  async function send(event: Waiting) {
    const input = { ...inputOf(job, event), seq: nextSeq(), createdAt: isoTime(clock.now()), ttl }
    const about = { jobId: job.id, seq: input.seq, type: input.type }
    try {
      // The API takes the same event twice as one, so a try whose answer was lost may be repeated.
      await untilTaken(() => mutate(appendAgentJobEvent, input), {
        clock,
        random,
        isPassing: patience.isPassing,
        until: () => giveUpAt(),
        onFault: (error, tried) => log.warn('An event could not be stored yet', { ...about, tried, error }),
      })
      patience.renew()
    } catch (error) {
      const why = error instanceof RetryLater ? 'could not be stored in time' : 'was refused'
      log.error(`An event ${why} and is left out`, { ...about, error })
    }
  }

  function take(event: Waiting) {
    if (sent + waiting.length >= EVENTS_PER_CLAIM - 2) throw tooManyEvents(job)
    waiting.push(event)
    schedule()
  }

  return {
    text(delta) {
      for (const part of parts(delta)) {
        const last = waiting.at(-1)
        if (last?.type === 'TEXT' && last.text.length < TEXT_CHARS) last.text += part
        else take({ type: 'TEXT', text: part })
      }
      schedule()
    },
    // Written as text here and now: data that is no JSON is the agent's fault, and must be seen there.
    add: (type, data) => take({ type, data: fitted(data) }),
    nextSeq,
    async close(deadline) {
      closing = true
      giveUpAt = deadline
      schedule()
      while (sending) await sending
    },
  }
}

function inputOf({ id: jobId, uid, owner, attempt }: ClaimedJob, event: Waiting) {
  const data = event.type === 'TEXT' ? JSON.stringify({ text: event.text }) : event.data
  return { jobId, uid, owner, attempt, type: event.type, data }
}

/** The schema of an upgrade may come some seconds after its functions; it is waited for once, not once an event. */
function patienceWithUpgrade(clock: Clock) {
  let refusedSince: number | undefined
  return {
    isPassing(fault: unknown): boolean {
      if (!isOfUpgrade(fault)) return fault instanceof RetryLater
      refusedSince ??= clock.now()
      return clock.now() < refusedSince + UPGRADE_MS
    },
    renew() {
      refusedSince = undefined
    },
  }
}

/** Cuts a long text, though never between the two halves of one character. */
function* parts(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + MAX_TEXT_CHARS)
    if (to < text.length && /[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to--
    yield text.slice(from, to)
    from = to
  }
}

/** JSON text of `data`, with its long values cut so that a large tool output does not stop the push. */
function fitted(data: Record<string, unknown>): string {
  const whole = JSON.stringify(data)
  if (whole.length <= 2 * MAX_TEXT_CHARS) return whole
  const cut = Object.entries(data).map(([key, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
    return [key, text.length > MAX_TEXT_CHARS ? text.slice(0, MAX_TEXT_CHARS) : value]
  })
  return JSON.stringify({ ...Object.fromEntries(cut), truncated: true })
}

function tooManyEvents(job: ClaimedJob): PermanentFailure {
  return new PermanentFailure({
    code: 'TOO_MANY_EVENTS',
    message: `One run may emit at most ${EVENTS_PER_CLAIM - 2} events; ${job.queryType} emitted more.`,
    remediation: 'Let the agent report progress and log lines less often.',
  })
}
