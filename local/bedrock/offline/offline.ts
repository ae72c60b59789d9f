import { type Clock, sleep, systemClock } from '../../clock.ts'
import type { ConverseBody, ToolSpec } from '../converse-body.ts'
import type { ConverseStreamEvent, ModelAnswerer } from '../converse-stream-event.ts'
import { analyzeTask } from './analyze-task.ts'
import { breakdownProject } from './breakdown-project.ts'
import { jsonInput } from './json-input.ts'
import { planDay } from './plan-day.ts'
import { recommendTask } from './recommend-task.ts'
import type { Rule, RuleAnswer } from './rule.ts'
import { type JsonSchema, smallestValue } from './schema-value.ts'

// By the tool that is asked for.
const RULES: Record<string, Rule> = {
  submit_analyzeTask: analyzeTask,
  submit_breakdownProject: breakdownProject,
  submit_planDay: planDay,
  submit_recommendTask: recommendTask,
}

const DISCLAIMER = 'Offline: no language model was asked, fixed rules made this answer.'
const MOST_DELTAS = 20

/**
 * Answers by rules, the same every time, and says so. The agents of this project get a sensible answer; of any other
 * tool's schema it makes the smallest valid value.
 */
export function offline({ clock = systemClock, paceMs = 15 }: { clock?: Clock; paceMs?: number } = {}): ModelAnswerer {
  return async function* answer(request, _modelId, signal) {
    const tool = askedTool(request)
    const { text, value } = tool ? toolAnswer(tool, request) : { text: plainText(request), value: undefined }
    const spoken = `${DISCLAIMER} ${text}`
    yield { messageStart: { role: 'assistant' } }
    for (const piece of pieces(spoken)) {
      if (paceMs > 0) await sleep(clock, paceMs, signal)
      yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: piece } } }
    }
    yield { contentBlockStop: { contentBlockIndex: 0 } }
    if (tool) yield* toolEvents(tool.name, `tooluse_offline_${request.messages.length}`, JSON.stringify(value))
    yield { messageStop: { stopReason: tool ? 'tool_use' : 'end_turn' } }
    const inputTokens = tokens(JSON.stringify(request))
    const outputTokens = tokens(spoken + JSON.stringify(value ?? ''))
    yield { metadata: { usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens } } }
  }
}

/** The forced tool, or the one an agent hands its answer in with, or, when some tool must be called, the first. */
function askedTool({ toolConfig }: ConverseBody): ToolSpec | undefined {
  const tools = toolConfig?.tools.flatMap((tool) => tool.toolSpec ?? []) ?? []
  const forced = toolConfig?.toolChoice?.tool?.name
  if (forced) return tools.find((tool) => tool.name === forced)
  return tools.find((tool) => tool.name.startsWith('submit_')) ?? (toolConfig?.toolChoice?.any ? tools[0] : undefined)
}

function toolAnswer({ name, inputSchema }: ToolSpec, request: ConverseBody): RuleAnswer {
  const schema: JsonSchema = inputSchema.json
  const answer = RULES[name]?.(jsonInput(request))
  // Somebody may have given an agent of the same name another output: then the schema decides.
  if (answer && (schema.required ?? []).every((key) => key in answer.value)) return answer
  const value = smallestValue(schema) as Record<string, unknown>
  return { text: `I know no rule for ${name}, so I hand in the smallest value its schema allows.`, value }
}

function plainText({ messages }: ConverseBody): string {
  const last = messages.at(-1)?.content.find((block) => block.text)?.text ?? ''
  return last ? `You wrote: ${last.slice(0, 200)}` : 'There is nothing to answer.'
}

function* toolEvents(name: string, toolUseId: string, json: string): Generator<ConverseStreamEvent> {
  yield { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { toolUseId, name } } } }
  // In pieces, as models send it, so that nobody comes to rely on getting it whole.
  const size = Math.ceil(json.length / 4)
  for (let at = 0; at < json.length; at += size) {
    yield { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: json.slice(at, at + size) } } } }
  }
  yield { contentBlockStop: { contentBlockIndex: 1 } }
}

function pieces(text: string): string[] {
  const words = text.match(/\S+\s*/g) ?? []
  const size = Math.max(2, Math.ceil(words.length / MOST_DELTAS))
  const groups: string[] = []
  for (let at = 0; at < words.length; at += size) groups.push(words.slice(at, at + size).join(''))
  return groups
}

// Four characters a token, as English text roughly has: enough to see the meters move.
function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}
