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
  const content = object ? { json: output } : { text: JSON.stringify(output) }
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
    return jsonOf(name, await tool.run(checked.data, job, call))
  } catch (error) {
    if (job.signal.aborted || error instanceof PermanentFailure || error instanceof RetryLater) throw error
    const message = error instanceof Error ? error.message : String(error)
    job.event('LOG', { level: 'ERROR', message: `Tool ${name} failed: ${message}` })
    return { error: `${name} failed: ${message}` }
  }
}

/** The answer as JSON has it: the model is told so, and a date that is none, or a loop, would not get there. */
function jsonOf(name: string, output: unknown): { output: unknown } | { error: string } {
  try {
    return { output: JSON.parse(JSON.stringify(output) ?? '"done"') }
  } catch (fault) {
    const [why] = (fault as Error).message.split('\n')
    return { error: `${name} ran, but what it answered cannot be told: it is no value that JSON can hold (${why}).` }
  }
}
