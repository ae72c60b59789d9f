import type { Effort } from './model-families.ts'

/** One block of a message, in the shapes of Bedrock's Converse API. */
export type ContentBlock = TextBlock | ToolUseBlock | ToolResultBlock

/** Words of either side. */
export interface TextBlock {
  text: string
}

/** The model asks for a tool to be called. */
export interface ToolUseBlock {
  toolUse: { toolUseId: string; name: string; input: unknown }
}

/** What came of such a call, told by its `toolUseId`. */
export interface ToolResultBlock {
  toolResult: { toolUseId: string; content: ({ text: string } | { json: unknown })[]; status?: 'success' | 'error' }
}

/** One side's part of a conversation; the sides take turns, the user first. */
export interface Message {
  role: 'user' | 'assistant'
  content: ContentBlock[]
}

/** A tool as the model sees it. */
export interface ToolSpec {
  name: string
  description: string
  inputSchema: Record<string, unknown>
}

/** One turn that is asked of the model. */
export interface ConverseRequest {
  system?: string
  messages: Message[]
  tools?: ToolSpec[]
  /** 'auto' leaves it to the model, 'any' forces some tool, a name forces that tool. Ignored without tools. */
  toolChoice?: 'auto' | 'any' | { tool: string }
  /** As many as suit the model unless given. */
  maxTokens?: number
  /** Newer models refuse it. */
  temperature?: number
  /** How much the model may think before it answers; as little as it can unless given. */
  effort?: Effort
  /** A model that is silent for so long is given up, to be asked again; what suits the length of the answer unless given. */
  stallSeconds?: number
  signal: AbortSignal
}

/** What one call took. */
export interface ModelUsage {
  inputTokens: number
  outputTokens: number
}

/** Bedrock's stop reasons; a newer one may appear, so any string is let through. */
export type StopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'guardrail_intervened'
  | 'content_filtered'
  | 'malformed_model_output'
  | 'malformed_tool_use'
  | 'model_context_window_exceeded'
  | (string & {})

/** The model's part of that turn. */
export interface ConverseReply {
  content: ContentBlock[]
  stopReason: StopReason
  usage: ModelUsage
  /** As the model's server measured it. */
  latencyMs: number
  modelId: string
}

/** A language model: one call is one turn. Text arrives at `on.text` while it is written. */
export interface Model {
  converse(request: ConverseRequest, on: { text(delta: string): void }): Promise<ConverseReply>
}
