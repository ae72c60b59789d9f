import type { ConverseReply } from '../../sdk/model.ts'
import type { ClaimedJob, JobUsage, Report } from '../job/job.ts'
import type { Log } from '../log.ts'
import { createPartialResult } from './partial-result.ts'

// DynamoDB refuses an item over 400 KB. What is left over goes to names, times, usage and an error with its details.
const MAX_ROW_BYTES = 350_000

/** Bytes that a result or partial result may have beside the request in the same row. */
export function roomBeside(job: ClaimedJob): number {
  return Math.max(0, MAX_ROW_BYTES - Buffer.byteLength(job.requestData ?? ''))
}

// GraphQL's Int, as which readers get it.
const MAX_INT = 2_147_483_647

/** What a model says it took, where that is a number of something; else it is left out. */
function sum(before: number, added: unknown): number {
  const counts = Number.isInteger(added) && (added as number) >= 0 && (added as number) <= MAX_INT
  return counts ? Math.min(MAX_INT, before + (added as number)) : before
}

export type RunReport = ReturnType<typeof createReport>

/** Keeps what a run reports, and knows what of it the row already has. */
export function createReport(job: ClaimedJob, log: Log) {
  const latest: Report = {}
  let written: Report = {}
  const room = roomBeside(job)
  const partial = createPartialResult(room, warnOnce)
  let warned = false

  function warnOnce(bytes: number) {
    if (warned) return
    warned = true
    log.warn('A partial result is too large for the row; the one before stays', { jobId: job.id, bytes, room })
  }

  return {
    get latest(): Readonly<Report> {
      return latest
    },
    set(report: Report) {
      for (const [key, value] of Object.entries(report)) {
        if (value !== undefined) Object.assign(latest, { [key]: value })
      }
    },
    setPartial: partial.say,
    addReply({ usage, latencyMs, modelId }: Partial<ConverseReply>) {
      const before: JobUsage = latest.usage ?? job.usage ?? { inputTokens: 0, outputTokens: 0, modelLatencyMs: 0 }
      latest.answered = true
      latest.usage = {
        ...before,
        inputTokens: sum(before.inputTokens, usage?.inputTokens),
        outputTokens: sum(before.outputTokens, usage?.outputTokens),
        modelLatencyMs: sum(before.modelLatencyMs, latencyMs),
        ...(typeof modelId === 'string' && { modelId }),
      }
    },
    unwritten(): Report {
      latest.partialResult = partial.take() ?? latest.partialResult
      const changed = Object.entries(latest).filter(([key, value]) => written[key as keyof Report] !== value)
      return Object.fromEntries(changed)
    },
    markWritten(report: Report) {
      written = { ...written, ...report }
    },
  }
}
