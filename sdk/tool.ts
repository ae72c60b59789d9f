import * as z from 'zod'
import type { JobContext, Tool, ToolCall } from './agent.ts'
import { PermanentFailure, RetryLater } from './failures.ts'
import type { ToolResultBlock, ToolSpec, ToolUseBlock } from './model.ts'

/** A tool as it is described to the model. */
export function toolSpec({ name, description, input }: Tool): ToolSpec {
  const { $schema, ...inputSchema } = z.toJSONSchema(input, { io: 'input' })
  return { name, description, inputSchema }
}

/** Runs one call that the model asked for. What went wrong is told to the model, which may find another way. */
export async function callTool(
  tools: Tool[],
  { toolUseId, name, input }: ToolUseBlock['toolUse'],
  job: JobContext,
  call: ToolCall,
): Promise<ToolResultBlock> {
  job.signal.throwIfAborted()
  job.event('TOOL_CALL', { toolUseId, name, input })
  const answer = await runTool(tools, name, input, job, call)
  job.event('TOOL_RESULT', { toolUseId, output: 'error' in answer ? { error: answer.error } : answer.output })
  if ('error' in answer) return { toolResult: { toolUseId, status: 'error', content: [{ text: answer.error }] } }
  // Converse takes an object as `json`, and nothing else: a list or a number goes as text.
  const { output } = answer
  const object = typeof output === 'object' && output !== null && !Array.isArray(output)
  const content = object ? { json: output } : { text: JSON.stringify(output) ?? 'done' }
  return { toolResult: { toolUseId, status: 'success', content: [content] } }
}

async function runTool(
  tools: Tool[],
  name: string,
  input: unknown,
  job: JobContext,
  call: ToolCall,
): Promise<{ output: unknown } | { error: string }> {
  const tool = tools.find((candidate) => candidate.name === name)
  if (!tool)
    return { error: `There is no tool ${name}; there is ${tools.map((other) => other.name).join(', ') || 'none'}.` }
  const checked = tool.input.safeParse(input)
  if (!checked.success) return { error: `${name} refused this input:\n${z.prettifyError(checked.error)}` }
  try {
    const output: unknown = await tool.run(checked.data, job, call)
    return { output }
  } catch (error) {
    if (job.signal.aborted || error instanceof PermanentFailure || error instanceof RetryLater) throw error
    const message = error instanceof Error ? error.message : String(error)
    job.event('LOG', { level: 'ERROR', message: `Tool ${name} failed: ${message}` })
    return { error: `${name} failed: ${message}` }
  }
}
