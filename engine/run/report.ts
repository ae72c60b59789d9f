import type { ClaimedJob, JobUsage, Report } from '../job/job.ts'
import type { Log } from '../log.ts'

// DynamoDB refuses an item over 400 KB. What is left over goes to names, times, usage and an error with its details.
const MAX_ROW_BYTES = 350_000

/** Bytes that a result or partial result may have beside the request in the same row. */
export function roomBeside(job: ClaimedJob): number {
  return Math.max(0, MAX_ROW_BYTES - Buffer.byteLength(job.requestData ?? ''))
}

export type RunReport = ReturnType<typeof createReport>

/** Keeps what a run reports, and knows what of it the row already has. */
export function createReport(job: ClaimedJob, log: Log) {
  const latest: Report = {}
  let written: Report = {}
  const room = roomBeside(job)
  return {
    get latest(): Readonly<Report> {
      return latest
    },
    set(report: Report) {
      for (const [key, value] of Object.entries(report)) {
        if (value !== undefined) Object.assign(latest, { [key]: value })
      }
    },
    setPartial(value: unknown) {
      const text = jsonText('partial', value)
      const bytes = Buffer.byteLength(text)
      if (bytes <= room) latest.partialResult = text
      else log.warn('A partial result is too large for the row; the one before stays', { jobId: job.id, bytes, room })
    },
    addReply(added: { inputTokens: number; outputTokens: number }, latencyMs: number, modelId: string) {
      const before: JobUsage = latest.usage ?? job.usage ?? { inputTokens: 0, outputTokens: 0, modelLatencyMs: 0 }
      latest.answered = true
      latest.usage = {
        ...before,
        inputTokens: before.inputTokens + added.inputTokens,
        outputTokens: before.outputTokens + added.outputTokens,
        modelLatencyMs: before.modelLatencyMs + latencyMs,
        modelId,
      }
    },
    unwritten(): Report {
      const changed = Object.entries(latest).filter(([key, value]) => written[key as keyof Report] !== value)
      return Object.fromEntries(changed)
    },
    markWritten(report: Report) {
      written = { ...written, ...report }
    },
  }
}

/** What JSON cannot hold is the agent's fault, and is refused where the agent said it, before anything is written. */
export function jsonText(said: 'partial' | 'checkpoint', value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value)
    if (text !== undefined) return text
  } catch (cause) {
    throw new TypeError(`job.${said} takes a value that JSON can hold: ${(cause as Error).message}`, { cause })
  }
  throw new TypeError(`job.${said} takes a value that JSON can hold, got ${typeof value}`)
}
