import { bedrockError } from '../bedrock-error.ts'
import type { ContentBlock, ConverseBody, Message, ToolResult } from '../operation.ts'

/** The body of POST /chat/completions that asks the same as a Converse body. */
export function chatRequest(body: ConverseBody, model: string): Record<string, unknown> {
  const { maxTokens, temperature, topP, stopSequences } = body.inferenceConfig ?? {}
  const system = body.system?.flatMap((block) => block.text ?? []).join('\n')
  return {
    model,
    messages: [...(system ? [{ role: 'system', content: system }] : []), ...body.messages.flatMap(chatMessages)],
    ...chatTools(body.toolConfig),
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    stop: stopSequences,
    stream: true,
    stream_options: { include_usage: true },
  }
}

/** Tool results are messages of their own there, and come before what else the user said. */
function chatMessages({ role, content }: Message): Record<string, unknown>[] {
  const text = content.flatMap(textOf).join('\n')
  if (role === 'assistant') {
    const calls = content.flatMap(({ toolUse }) => {
      if (!toolUse) return []
      const { toolUseId, name, input } = toolUse
      return [{ id: toolUseId, type: 'function', function: { name, arguments: JSON.stringify(input) } }]
    })
    return [{ role, content: text || null, ...(calls.length > 0 && { tool_calls: calls }) }]
  }
  const results = content.flatMap(({ toolResult }) => {
    return toolResult ? [{ role: 'tool', tool_call_id: toolResult.toolUseId, content: resultText(toolResult) }] : []
  })
  return text ? [...results, { role, content: text }] : results
}

function textOf(block: ContentBlock): string[] {
  if (block.text !== undefined) return [block.text]
  if (block.toolUse || block.toolResult || 'reasoningContent' in block || 'cachePoint' in block) return []
  const kind = Object.keys(block)[0]
  throw bedrockError(
    'ValidationException',
    `Content blocks of the kind ${kind} cannot be passed on to an OpenAI-compatible server.`,
  )
}

function resultText({ content, status }: ToolResult): string {
  const text = content.map((part) => part.text ?? JSON.stringify(part.json)).join('\n')
  return status === 'error' ? `Error: ${text}` : text
}

function chatTools(toolConfig: ConverseBody['toolConfig']): Record<string, unknown> {
  if (!toolConfig) return {}
  const tools = toolConfig.tools.flatMap(({ toolSpec }) => {
    if (!toolSpec) return []
    const { name, description, inputSchema } = toolSpec
    return [{ type: 'function', function: { name, description, parameters: inputSchema.json } }]
  })
  const { any, tool } = toolConfig.toolChoice ?? {}
  const forced = tool && { type: 'function', function: { name: tool.name } }
  return { tools, tool_choice: forced ?? (any ? 'required' : 'auto') }
}
