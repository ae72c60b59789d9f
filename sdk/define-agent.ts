import type * as z from 'zod'
import { PermanentFailure } from './failures.ts'
import type { Model } from './model.ts'
import { runPrompt, submitTool } from './prompt-agent.ts'

export type { ContentBlock, ConverseReply, ConverseRequest, Message, Model, ModelUsage, ToolSpec } from './model.ts'

/** What an agent may ask of the engine. Only the model and a checkpoint are waited for; the rest is buffered. */
export interface JobContext {
  id: string
  owner?: string
  queryType: string
  /** 1 on the first run; higher after a failure or a lost worker. */
  attempt: number
  /** What the last checkpoint held, on a run that goes on with an earlier one's work; undefined on a fresh start. */
  resumed: unknown
  /** Aborted when the job is cancelled, times out or is lost to another worker. */
  signal: AbortSignal
  model: Model
  /** `fraction` from 0 to 1. */
  progress(fraction: number, message?: string): void
  /** Text for the user, shown while the job runs. */
  emit(text: string): void
  /** The result as far as it is known; kept when the job does not end well. */
  partial(value: unknown): void
  event(type: 'TOOL_CALL' | 'TOOL_RESULT' | 'LOG', data: Record<string, unknown>): void
  /**
   * Stores where the agent stands, as JSON. The run that follows a crash, a busy model or the end of the worker's time gets
   * the last one as `resumed`. A run longer than a worker's time (15 minutes on Lambda) needs one in each.
   */
  checkpoint(state: unknown): Promise<void>
}

/** What a job runs. Its name is the job's `queryType`. */
export interface Agent<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  name: string
  input: I
  output: O
  timeoutSeconds?: number
  stallSeconds?: number
  maxAttempts?: number
  /** `input` is what `agent.input.parse` returned; the answer has passed `agent.output`. */
  run(input: z.output<I>, job: JobContext): Promise<z.output<O>>
}

/** Something the model may call while it works. Build it with `defineTool`, which types `run` from `input`. */
export interface Tool<I extends z.ZodType = z.ZodType> {
  name: string
  description: string
  input: I
  /** The answer goes back to the model as JSON. A thrown error other than the two failures is told to the model. */
  run(input: z.output<I>, job: JobContext, call: ToolCall): unknown | Promise<unknown>
}

export interface ToolCall {
  /**
   * The same whenever this call is made again: by a run that follows a crash, where nobody knows how far the call had come.
   * A tool with effects hands it to whoever has to do a thing once.
   */
  idempotencyKey: string
}

interface AgentBase<I extends z.ZodType, O extends z.ZodType> {
  name: string
  input: I
  output: O
  /** How long the job may run in all; `timeoutSeconds` of a job goes before it. */
  timeout?: { minutes: number } | { seconds: number }
  /** How long the model may be silent before it is asked again; else STALL_SECONDS of run-job, a minute. */
  stall?: { seconds: number }
  retry?: { maxAttempts: number }
}

/** An agent that is one instruction to a model. */
export interface PromptAgentDefinition<I extends z.ZodType, O extends z.ZodType> extends AgentBase<I, O> {
  system: string
  /** The instruction. The input need not be repeated in it: it follows as a JSON block. */
  prompt: (input: z.output<I>) => string
  /**
   * What the output schema cannot say because it depends on the input: returns what is wrong, in words for the model, which
   * gets one chance to correct it.
   */
  check?: (output: z.output<O>, input: z.output<I>) => string[]
  tools?: Tool[]
  /** Calls to the model before the job fails; 10 unless given. */
  maxTurns?: number
  maxTokens?: number
  temperature?: number
  run?: never
}

/** An agent that is any async function. */
export interface RunAgentDefinition<I extends z.ZodType, O extends z.ZodType> extends AgentBase<I, O> {
  run: (input: z.output<I>, job: JobContext) => z.input<O> | Promise<z.input<O>>
  prompt?: never
}

/** Declares an agent; input, output, `prompt` and `run` are typed from the two zod schemas. */
export function defineAgent<I extends z.ZodType, O extends z.ZodType>(
  definition: PromptAgentDefinition<I, O> | RunAgentDefinition<I, O>,
): Agent<I, O> {
  checkDefinition(definition)
  const { name, input, output, timeout, stall, retry } = definition
  return {
    name,
    input,
    output,
    timeoutSeconds: timeout && ('minutes' in timeout ? timeout.minutes * 60 : timeout.seconds),
    stallSeconds: stall?.seconds,
    maxAttempts: retry?.maxAttempts,
    async run(given, job) {
      if (definition.prompt) return runPrompt(definition, given, job)
      return checkOutput(name, output, await definition.run(given, job))
    },
  }
}

/** Declares a tool; `run` is typed from the zod schema of its input. */
export function defineTool<I extends z.ZodType>(tool: Tool<I>): Tool<I> {
  checkName('the name of a tool', tool.name)
  return tool
}

function checkOutput<O extends z.ZodType>(name: string, output: O, value: unknown): z.output<O> {
  const checked = output.safeParse(value)
  if (checked.success) return checked.data
  throw new PermanentFailure({
    code: 'INVALID_OUTPUT',
    message: `Agent ${name} returned a value that its output schema refuses: ${checked.error.message}`,
    remediation: `Make run() of ${name} return what its output schema says, or widen the schema.`,
    details: { issues: checked.error.issues },
  })
}

function checkDefinition(
  definition: PromptAgentDefinition<z.ZodType, z.ZodType> | RunAgentDefinition<z.ZodType, z.ZodType>,
) {
  const { name, timeout, stall, retry } = definition
  checkName('the name of an agent', name)
  checkSchema(name, 'input', definition.input)
  checkSchema(name, 'output', definition.output)
  if ((typeof definition.prompt === 'function') === (typeof definition.run === 'function')) {
    throw new TypeError(
      `Agent ${name} must have either prompt or run, a function; it has ${definition.run ? 'both' : 'neither'}`,
    )
  }
  if (timeout && 'minutes' in timeout) checkWhole(`timeout.minutes of agent ${name}`, timeout.minutes, 1440)
  else if (timeout) checkWhole(`timeout.seconds of agent ${name}`, timeout.seconds, 86_400)
  if (stall) checkWhole(`stall.seconds of agent ${name}`, stall.seconds, 3_600)
  if (retry) checkWhole(`retry.maxAttempts of agent ${name}`, retry.maxAttempts, 100)
  if (!definition.prompt) return
  checkAnswerable(name, definition.output)
  if (typeof definition.system !== 'string' || !definition.system.trim()) {
    throw new TypeError(
      `system of agent ${name} must say in words what the model is to do, got ${show(definition.system)}`,
    )
  }
  if (definition.maxTurns !== undefined) checkWhole(`maxTurns of agent ${name}`, definition.maxTurns, 100)
  if (definition.maxTokens !== undefined) checkWhole(`maxTokens of agent ${name}`, definition.maxTokens, 1_000_000)
  const tools = definition.tools?.map((tool) => tool.name) ?? []
  const twice = tools.find((tool, index) => tools.indexOf(tool) !== index)
  if (twice) throw new TypeError(`Agent ${name} has two tools named ${twice}: each needs its own name`)
}

function checkName(what: string, name: unknown) {
  if (typeof name === 'string' && /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) return
  throw new TypeError(`${what} must be a letter followed by at most 63 letters or digits, got ${show(name)}`)
}

function checkSchema(name: string, field: 'input' | 'output', schema: unknown) {
  if (typeof (schema as z.ZodType | undefined)?.safeParse === 'function') return
  throw new TypeError(`${field} of agent ${name} must be a zod schema such as z.object({ … }), got ${show(schema)}`)
}

function checkAnswerable(name: string, output: z.ZodType) {
  let type: unknown
  try {
    type = submitTool(name, output).inputSchema.type
  } catch (cause) {
    throw new TypeError(`output of agent ${name} cannot be written as JSON schema, so no model can be asked for it`, {
      cause,
    })
  }
  if (type !== 'object') throw new TypeError(`output of agent ${name} must be a z.object, since a tool call carries it`)
}

function checkWhole(what: string, value: unknown, max: number) {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max) return
  throw new TypeError(`${what} must be a whole number from 1 to ${max}, got ${show(value)}`)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
