import {
  type Message as BedrockMessage,
  BedrockRuntimeClient,
  type Tool as BedrockTool,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { ContentBlock, ConverseReply, ConverseRequest, Model } from '../model.ts'
import { brokenStream, sortModelError, stalledStream } from './model-failure.ts'

export interface BedrockModelOptions {
  /** A model id or the id or ARN of an inference profile. */
  modelId: string
  client?: BedrockRuntimeClient
  /** Tells when the model has been silent for too long. */
  clock?: Clock
}

/** A model behind Amazon Bedrock's ConverseStream. Faults come out as PermanentFailure or RetryLater. */
export function createBedrockModel(options: BedrockModelOptions): Model {
  const { modelId, client = createClient(), clock = systemClock } = options
  return {
    async converse(request, on) {
      const { signal, stallSeconds } = request
      signal.throwIfAborted()
      const reply = new ReplyReader(modelId)
      const silence = watchSilence(clock, stallSeconds, () => stalledStream(modelId, stallSeconds ?? 0))
      const abortSignal = AbortSignal.any([signal, silence.signal])
      try {
        const command = new ConverseStreamCommand(toInput(modelId, request))
        const { stream } = await client.send(command, { abortSignal })
        for await (const event of stream ?? []) {
          silence.broken()
          reply.read(event, on.text)
        }
      } catch (error) {
        // Who aborted knows why: the reason, not the socket's complaint, is what the engine decides by.
        abortSignal.throwIfAborted()
        throw sortModelError(error, modelId)
      } finally {
        silence.end()
      }
      abortSignal.throwIfAborted()
      return reply.finish()
    },
  }
}

/** A signal that is aborted when nothing was heard for `seconds`. */
function watchSilence(clock: Clock, seconds: number | undefined, reason: () => Error) {
  const abort = new AbortController()
  const start = () => (seconds ? clock.after(seconds * 1000, () => abort.abort(reason())) : () => {})
  let stop = start()
  return {
    signal: abort.signal,
    broken() {
      stop()
      stop = start()
    },
    end: () => stop(),
  }
}

function createClient(): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    // The job layer owns retries: three quick attempts of the SDK do not outlast real throttling, and they hide it.
    maxAttempts: 1,
    // The default, HTTP/2 with a session per request, costs more than it gives: ConverseStream streams one way only.
    // No limit of sockets below the number of jobs that run at once, and none of silence: a model may think for minutes.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5000,
      httpsAgent: { maxSockets: 500 },
      httpAgent: { maxSockets: 500 },
    }),
  })
}

function toInput(modelId: string, request: ConverseRequest): ConverseStreamCommandInput {
  const { system, messages, tools, toolChoice = 'auto', maxTokens, temperature } = request
  const choice = { auto: { auto: {} }, any: { any: {} } }
  return {
    modelId,
    messages: messages as BedrockMessage[],
    system: system ? [{ text: system }] : undefined,
    inferenceConfig: { maxTokens, temperature },
    toolConfig: tools?.length
      ? {
          tools: tools.map(({ name, description, inputSchema }) => {
            return { toolSpec: { name, description, inputSchema: { json: inputSchema } } } as BedrockTool
          }),
          toolChoice: typeof toolChoice === 'string' ? choice[toolChoice] : { tool: { name: toolChoice.tool } },
        }
      : undefined,
  }
}

type OpenBlock = { text: string } | { toolUseId: string; name: string; json: string }

/** Puts the events of one answer together again. */
class ReplyReader {
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
      // Reasoning deltas are passed over: no agent here asks for thinking, and it need not be sent back then.
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

function parseInput(json: string): unknown {
  try {
    return JSON.parse(json || '{}')
  } catch {
    // Not swallowed: the tool's schema refuses this object, and the model reads in the repair turn what it sent.
    return { malformedJson: json }
  }
}
