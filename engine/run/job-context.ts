import type { JobContext } from '../../sdk/agent.ts'
import type { Model } from '../../sdk/model.ts'
import type { ClaimedJob } from '../job/job.ts'
import type { JobEvents } from './events.ts'
import type { RunReport } from './report.ts'
import { eventSaid, jsonText, progressSaid, textSaid } from './reported.ts'

export interface ContextParts {
  model: Model
  events: JobEvents
  stallSeconds: number | undefined
  /** What the agent goes on from. */
  resumed: unknown
  signal: AbortSignal
  report: RunReport
  isOver(): boolean
  checkpoint(state: string): Promise<void>
}

/** What the agent sees. An agent that goes on after its run was stopped talks to nobody. */
export function createJobContext(job: ClaimedJob, parts: ContextParts): JobContext {
  const { model, events, signal, report, isOver, stallSeconds, resumed, checkpoint } = parts
  return {
    id: job.id,
    owner: job.owner,
    queryType: job.queryType,
    attempt: job.attempt,
    signal,
    resumed,
    model: {
      async converse(request, on) {
        const reply = await model.converse({ stallSeconds, ...request }, on)
        report.addReply(reply)
        return reply
      },
    },
    progress(fraction, said) {
      if (isOver()) return
      const { progress, message } = progressSaid(fraction, said)
      report.set({ progress, progressMessage: message })
      events.add('PROGRESS', { progress, message })
    },
    emit(text) {
      if (!isOver()) events.text(textSaid(text))
    },
    partial(value) {
      if (!isOver()) report.setPartial(value)
    },
    event(type, data) {
      if (!isOver()) events.add(type, eventSaid(type, data))
    },
    async checkpoint(state) {
      // As text at once: the agent may go on changing it.
      const text = jsonText('checkpoint', state)
      signal.throwIfAborted()
      await checkpoint(text)
      signal.throwIfAborted()
    },
  }
}
