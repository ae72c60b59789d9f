import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime'
import type { ContentBlock, ConverseReply } from '../model.ts'
import { brokenStream } from './model-failure.ts'

type OpenBlock = { text: string } | { toolUseId: string; name: string; json: string }

/** Puts the events of one answer together again. */
export class ReplyReader {
  readonly #modelId: string
  readonly #blocks = new Map<number, OpenBlock>()
  #stopReason: string | undefined
  #usage = { inputTokens: 0, outputTokens: 0 }
  #latencyMs = 0

  constructor(modelId: string) {
    this.#modelId = modelId
  }

  read(event: ConverseStreamOutput, onText: (delta: string) => void) {
    if (event.contentBlockStart) {
      const { contentBlockIndex = 0, start } = event.contentBlockStart
      const { toolUseId = '', name = '' } = start?.toolUse ?? {}
      if (start?.toolUse) this.#blocks.set(contentBlockIndex, { toolUseId, name, json: '' })
    } else if (event.contentBlockDelta) {
      const { contentBlockIndex = 0, delta } = event.contentBlockDelta
      if (delta?.text !== undefined) this.#addText(contentBlockIndex, delta.text, onText)
      // What it thinks is passed over: it need not be sent back while it decides by itself when to think.
      const block = this.#blocks.get(contentBlockIndex)
      if (delta?.toolUse && block && 'json' in block) block.json += delta.toolUse.input ?? ''
    } else if (event.messageStop) {
      this.#stopReason = event.messageStop.stopReason
    } else if (event.metadata) {
      const { usage, metrics } = event.metadata
      this.#usage = { inputTokens: usage?.inputTokens ?? 0, outputTokens: usage?.outputTokens ?? 0 }
      this.#latencyMs = metrics?.latencyMs ?? 0
    }
  }

  finish(): ConverseReply {
    // A stream that ends without a stop reason was cut off on the way.
    if (!this.#stopReason) throw brokenStream(this.#modelId)
    const content = [...this.#blocks].sort(([a], [b]) => a - b).flatMap(([, block]) => closeBlock(block))
    const [stopReason, usage, latencyMs] = [this.#stopReason, this.#usage, this.#latencyMs]
    return { content, stopReason, usage, latencyMs, modelId: this.#modelId }
  }

  #addText(index: number, text: string, onText: (delta: string) => void) {
    const block = this.#blocks.get(index)
    if (block && 'text' in block) block.text += text
    else if (!block) this.#blocks.set(index, { text })
    onText(text)
  }
}

function closeBlock(block: OpenBlock): ContentBlock[] {
  // Bedrock refuses blank text when the message is sent back in the next turn.
  if ('text' in block) return block.text.trim() ? [{ text: block.text }] : []
  const { toolUseId, name, json } = block
  return [{ toolUse: { toolUseId, name, input: parseInput(json) } }]
}

/**
 * The input of a tool, which the next turn sends back: Bedrock takes an object and nothing else. What is none is not
 * swallowed: the tool's schema refuses it in this form, and the model reads in the repair turn what it sent.
 */
function parseInput(json: string): unknown {
  try {
    const input: unknown = JSON.parse(json || '{}')
    // Written once more, as it will be on the way back: what is nested too deep can be read, but not written.
    if (typeof input === 'object' && input && !Array.isArray(input) && JSON.stringify(input)) return input
  } catch {
    return { malformedJson: json }
  }
  return { notAnObject: json }
}
