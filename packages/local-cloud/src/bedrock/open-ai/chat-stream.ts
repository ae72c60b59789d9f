import type { AwsError } from '../../aws-error.ts'
import { bedrockError } from '../bedrock-error.ts'
import type { BlockDelta, ConverseStreamEvent } from '../operation.ts'

interface ToolCallDelta {
  index?: number
  id?: string
  function?: { name?: string; arguments?: string }
}

interface ChatChunk {
  error?: { message?: string } | string
  choices?: {
    delta?: {
      content?: string | null
      reasoning_content?: string | null
      reasoning?: string | null
      tool_calls?: ToolCallDelta[]
    }
    finish_reason?: string | null
  }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null
}

const STOP_REASONS: Record<string, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'content_filtered',
}

/** The events of ConverseStream for the chunks of a streamed chat completion. */
export async function* converseEvents(body: AsyncIterable<string>): AsyncGenerator<ConverseStreamEvent> {
  const blocks = new BlockNumbers()
  let finished: string | undefined
  let usage: ChatChunk['usage']
  yield { messageStart: { role: 'assistant' } }
  for await (const chunk of chunks(body)) {
    if (chunk.error) throw streamError(typeof chunk.error === 'string' ? chunk.error : chunk.error.message)
    usage = chunk.usage ?? usage
    const { delta, finish_reason } = chunk.choices?.[0] ?? {}
    finished = finish_reason ?? finished
    const reasoning = delta?.reasoning_content ?? delta?.reasoning
    if (reasoning) yield deltaEvent(blocks.of('reasoning'), { reasoningContent: { text: reasoning } })
    if (delta?.content) yield deltaEvent(blocks.of('text'), { text: delta.content })
    for (const call of delta?.tool_calls ?? []) yield* toolCallEvents(call, blocks)
  }
  if (!finished) throw streamError('the answer ended before its finish_reason came')
  for (const contentBlockIndex of blocks.all()) yield { contentBlockStop: { contentBlockIndex } }
  // Several servers say "stop" after a tool call, above all when the tool was forced.
  const stopReason = finished === 'stop' && blocks.sawTool ? 'tool_use' : (STOP_REASONS[finished] ?? 'end_turn')
  yield { messageStop: { stopReason } }
  const { prompt_tokens: inputTokens = 0, completion_tokens: outputTokens = 0 } = usage ?? {}
  yield { metadata: { usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens } } }
}

/** Bedrock numbers all blocks of an answer in one row, OpenAI only the tool calls. */
class BlockNumbers {
  readonly #numbers = new Map<string, number>()
  sawTool = false

  has(key: string): boolean {
    return this.#numbers.has(key)
  }

  of(key: string): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size
    this.#numbers.set(key, number)
    return number
  }

  all(): number[] {
    return [...this.#numbers.values()]
  }
}

function* toolCallEvents(call: ToolCallDelta, blocks: BlockNumbers): Generator<ConverseStreamEvent> {
  const key = `tool ${call.index ?? 0}`
  const isNew = !blocks.has(key)
  const contentBlockIndex = blocks.of(key)
  if (isNew) {
    blocks.sawTool = true
    const toolUseId = call.id || `tooluse_${contentBlockIndex}_${crypto.randomUUID()}`
    yield {
      contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId, name: call.function?.name ?? '' } } },
    }
  }
  if (call.function?.arguments) yield deltaEvent(contentBlockIndex, { toolUse: { input: call.function.arguments } })
}

function deltaEvent(contentBlockIndex: number, delta: BlockDelta): ConverseStreamEvent {
  return { contentBlockDelta: { contentBlockIndex, delta } }
}

/** The JSON of each `data:` line of a server-sent event stream. */
async function* chunks(body: AsyncIterable<string>): AsyncGenerator<ChatChunk> {
  let rest = ''
  for await (const text of body) {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const data = line.startsWith('data:') ? line.slice(5).trim() : ''
      if (data && data !== '[DONE]') yield parseChunk(data)
    }
  }
}

function parseChunk(data: string): ChatChunk {
  try {
    return JSON.parse(data) as ChatChunk
  } catch {
    throw streamError(`the model server sent a chunk that is not JSON: ${data.slice(0, 200)}`)
  }
}

function streamError(message = 'the model server reported an error without a message'): AwsError {
  return bedrockError('ModelStreamErrorException', message)
}
