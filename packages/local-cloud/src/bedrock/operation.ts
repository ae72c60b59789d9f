export interface ToolUse {
  toolUseId: string
  name: string
  input: unknown
}

export interface ToolResult {
  toolUseId: string
  content: { text?: string; json?: unknown }[]
  status?: 'success' | 'error'
}

/** Exactly one key is present; other kinds (image, document …) are passed on unread. */
export interface ContentBlock {
  text?: string
  toolUse?: ToolUse
  toolResult?: ToolResult
  [other: string]: unknown
}

export interface Message {
  role: 'user' | 'assistant'
  content: ContentBlock[]
}

export interface ToolSpec {
  name: string
  description?: string
  inputSchema: { json: Record<string, unknown> }
}

/** The body of Converse and ConverseStream. */
export interface ConverseBody {
  messages: Message[]
  system?: { text?: string }[]
  inferenceConfig?: { maxTokens?: number; temperature?: number; topP?: number; stopSequences?: string[] }
  /** What only the family of the model knows; passed on to Bedrock, and to no other model. */
  additionalModelRequestFields?: Record<string, unknown>
  toolConfig?: {
    tools: { toolSpec?: ToolSpec }[]
    toolChoice?: { auto?: object; any?: object; tool?: { name: string } }
  }
}

export type BlockDelta = { text: string } | { toolUse: { input: string } } | { reasoningContent: { text: string } }

/** One event of an answer, keyed as in ConverseStream. Text blocks have no start event: their first delta opens them. */
export type ConverseStreamEvent =
  | { messageStart: { role: 'assistant' } }
  | { contentBlockStart: { contentBlockIndex: number; start: { toolUse: { toolUseId: string; name: string } } } }
  | { contentBlockDelta: { contentBlockIndex: number; delta: BlockDelta } }
  | { contentBlockStop: { contentBlockIndex: number } }
  | { messageStop: { stopReason: string } }
  | { metadata: { usage: TokenUsage; metrics?: { latencyMs: number } } }

export interface TokenUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
}

/** What stands behind the local Bedrock: given a request it writes the events of the answer, or throws an AwsError, which `bedrockError` makes. */
export interface ModelAnswerer {
  (request: ConverseBody, modelId: string, signal: AbortSignal): AsyncIterable<ConverseStreamEvent>
  /** Its answers cost somebody money: only the stack's own functions may ask it. */
  spends?: boolean
}
