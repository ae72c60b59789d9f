import type { JobContext } from '../../sdk/agent.ts'
import type { ContentBlock, ConverseRequest, Model } from '../../sdk/model.ts'

/** A model that gives the scripted answers in turn and remembers what it was asked. */
export function scripted(...turns: { say?: string; content: ContentBlock[]; stopReason?: string }[]) {
  const asked: ConverseRequest[] = []
  const model: Model = {
    async converse(request, on) {
      asked.push(structuredClone({ ...request, signal: undefined as never }))
      const turn = turns.shift()
      if (!turn) throw new Error('the model was asked once more than the script has answers')
      if (turn.say) on.text(turn.say)
      const stopReason = turn.stopReason ?? (turn.content.some((block) => 'toolUse' in block) ? 'tool_use' : 'end_turn')
      return {
        content: turn.content,
        stopReason,
        usage: { inputTokens: 1, outputTokens: 1 },
        latencyMs: 1,
        modelId: 'scripted',
      }
    },
  }
  return { model, asked }
}

export const call = (name: string, input: unknown, toolUseId = 't1'): ContentBlock => ({
  toolUse: { toolUseId, name, input },
})

/** A job that keeps what the agent reports. */
export function jobWith(model: Model, signal = new AbortController().signal, resumed?: unknown) {
  const told = {
    text: '',
    partial: undefined as unknown,
    events: [] as { type: string; data: Record<string, unknown> }[],
    progress: [] as number[],
    checkpoints: [] as unknown[],
  }
  const job: JobContext = {
    id: '01JOB',
    owner: 'anna',
    queryType: 'test',
    attempt: 1,
    resumed,
    signal,
    model,
    progress: (fraction) => told.progress.push(fraction),
    emit: (text) => {
      told.text += text
    },
    partial: (value) => {
      told.partial = value
    },
    checkpoint: async (state) => void told.checkpoints.push(structuredClone(state)),
    event: (type, data) => told.events.push({ type, data }),
  }
  return { job, told }
}
