import { bedrockError } from './bedrock-error.ts'
import type { BlockDelta, ContentBlock, ConverseStreamEvent, TokenUsage } from './operation.ts'

export interface ConverseReply {
  output: { message: { role: 'assistant'; content: ContentBlock[] } }
  stopReason: string
  usage: TokenUsage
  metrics: { latencyMs: number }
}

interface OpenBlock {
  text?: string
  reasoning?: string
  toolUse?: { toolUseId: string; name: string; json: string }
}

/** Converse: what the events of ConverseStream add up to. */
export async function converse(
  events: AsyncIterable<ConverseStreamEvent>,
  latencyMs: () => number,
): Promise<ConverseReply> {
  const blocks = new Map<number, OpenBlock>()
  let stopReason: string | undefined
  let usage: TokenUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  let measured: number | undefined
  for await (const event of events) {
    if ('contentBlockStart' in event) {
      const { contentBlockIndex, start } = event.contentBlockStart
      blocks.set(contentBlockIndex, { toolUse: { ...start.toolUse, json: '' } })
    } else if ('contentBlockDelta' in event) {
      const { contentBlockIndex, delta } = event.contentBlockDelta
      blocks.set(contentBlockIndex, add(blocks.get(contentBlockIndex) ?? {}, delta))
    } else if ('messageStop' in event) stopReason = event.messageStop.stopReason
    else if ('metadata' in event) {
      usage = event.metadata.usage
      measured = event.metadata.metrics?.latencyMs
    }
  }
  if (!stopReason) throw bedrockError('ModelErrorException', 'The model stopped in the middle of its answer.')
  const content = [...blocks].sort(([a], [b]) => a - b).map(([, block]) => close(block))
  return {
    output: { message: { role: 'assistant', content } },
    stopReason,
    usage,
    metrics: { latencyMs: measured ?? latencyMs() },
  }
}

function add(block: OpenBlock, delta: BlockDelta): OpenBlock {
  if ('text' in delta) return { ...block, text: (block.text ?? '') + delta.text }
  if ('reasoningContent' in delta)
    return { ...block, reasoning: (block.reasoning ?? '') + (delta.reasoningContent.text ?? '') }
  if (!block.toolUse) throw bedrockError('ModelErrorException', 'The model sent tool input before it named the tool.')
  return { toolUse: { ...block.toolUse, json: block.toolUse.json + delta.toolUse.input } }
}

function close({ text, reasoning, toolUse }: OpenBlock): ContentBlock {
  if (reasoning !== undefined) return { reasoningContent: { reasoningText: { text: reasoning } } }
  if (!toolUse) return { text: text ?? '' }
  const { toolUseId, name, json } = toolUse
  try {
    return { toolUse: { toolUseId, name, input: JSON.parse(json || '{}') } }
  } catch (cause) {
    throw bedrockError('ModelErrorException', `The model sent tool input that is not JSON: ${json.slice(0, 200)}`, {
      cause,
    })
  }
}

/** ConverseStream: the events as they come; the one that tells of usage also tells how long the answer took. */
export function withLatency(event: ConverseStreamEvent, latencyMs: () => number): ConverseStreamEvent {
  if (!('metadata' in event) || event.metadata.metrics) return event
  return { metadata: { ...event.metadata, metrics: { latencyMs: latencyMs() } } }
}
