import { type Clock, sleep, systemClock } from '../../clock.ts'
import type { ConverseBody, ConverseStreamEvent, ModelAnswerer, ToolSpec } from '../operation.ts'
import { jsonInput } from './json-input.ts'
import { type JsonSchema, smallestValue } from './schema-value.ts'

const DISCLAIMER = 'Offline: no language model was asked, fixed rules made this answer.'
const MOST_DELTAS = 20

/** What a rule makes of the data in a request: what it says, and the value it hands in. */
export interface RuleAnswer {
  text: string
  value: Record<string, unknown>
}

/** Stands where a model would think. Undefined: the input is not of the shape this rule knows. */
export type Rule = (input: unknown) => RuleAnswer | undefined

export interface OfflineOptions {
  clock?: Clock
  /** Between two pieces of its text; 15 ms unless given. */
  paceMs?: number
  /** What it knows how to answer, by the name of the tool that is asked for. */
  rules?: Readonly<Record<string, Rule>>
  /** Tells the tool that an answer is handed in with, where a request has several and forces none. */
  isAnswer?(toolName: string): boolean
}

/** Answers by rules, the same every time, and says so. Of a tool for which it has no rule it makes the smallest valid value. */
export function offline(options: OfflineOptions = {}): ModelAnswerer {
  const { clock = systemClock, paceMs = 15, rules = {}, isAnswer = (name) => Object.hasOwn(rules, name) } = options
  return async function* answer(request, _modelId, signal) {
    const tool = askedTool(request, isAnswer)
    const rule = tool && Object.hasOwn(rules, tool.name) ? rules[tool.name] : undefined
    const { text, value } = tool ? toolAnswer(tool, rule, request) : { text: plainText(request), value: undefined }
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

/** The forced tool, or the one an answer is handed in with, or, when some tool must be called, the first. */
function askedTool({ toolConfig }: ConverseBody, isAnswer: (name: string) => boolean): ToolSpec | undefined {
  const tools = toolConfig?.tools.flatMap((tool) => tool.toolSpec ?? []) ?? []
  const forced = toolConfig?.toolChoice?.tool?.name
  if (forced) return tools.find((tool) => tool.name === forced)
  return tools.find((tool) => isAnswer(tool.name)) ?? (toolConfig?.toolChoice?.any ? tools[0] : undefined)
}

function toolAnswer({ name, inputSchema }: ToolSpec, rule: Rule | undefined, request: ConverseBody): RuleAnswer {
  const schema: JsonSchema = inputSchema.json
  const answer = rule?.(jsonInput(request))
  // A tool of the same name may have another schema: then the schema decides.
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
