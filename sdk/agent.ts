import type * as z from 'zod'
import type { Model } from './model.ts'
import type { ModelSettings } from './model-families.ts'

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
  /** `fraction` from 0 to 1; NaN, as 0 of 0 is, leaves it as it was. */
  progress(fraction: number, message?: string): void
  /** Text for the user, shown while the job runs. */
  emit(text: string): void
  /** The result as far as it is known; kept when the job does not end well. */
  partial(value: unknown): void
  event(type: 'TOOL_CALL' | 'TOOL_RESULT' | 'LOG', data: Record<string, unknown>): void
  /**
   * Stores where the agent stands, as JSON. The run that follows a crash, a busy model or the end of the worker's time gets
   * the last one as `resumed`, unless another shape of agent wrote it (see `checkpointVersion`). A run longer than a worker's time (15 minutes on Lambda) needs one in each.
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
  /** What wrote a checkpoint: a run goes on from one of the same format only, and else starts from its beginning. */
  checkpointFormat?: string
  /** What a prompt asks of its model; checked against the model when a stack is built. */
  modelSettings?: ModelSettings
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

/** One call of a tool, as the tool sees it. */
export interface ToolCall {
  /**
   * The same whenever this call is made again: by a run that follows a crash, where nobody knows how far the call had come.
   * A tool with effects hands it to whoever has to do a thing once.
   */
  idempotencyKey: string
}

/** What every agent is declared with, whichever way it works. */
export interface AgentBase<I extends z.ZodType, O extends z.ZodType> {
  /** Letters and digits; the `queryType` of its jobs. */
  name: string
  /** A job whose input this refuses fails before a model is asked. */
  input: I
  /** What the job's result must be. */
  output: O
  /** How long the job may run in all; `timeoutSeconds` of a job goes before it. */
  timeout?: { minutes: number } | { seconds: number }
  /** How long the model may be silent before it is asked again; else the `stall` of the stack, or longer for long answers. */
  stall?: { seconds: number }
  /** How often a job is run in all, at most 20 times, when a run fails with RetryLater or its worker is lost. */
  retry?: { maxAttempts: number }
}

/** An agent that is one instruction to a model. */
export interface PromptAgentDefinition<I extends z.ZodType, O extends z.ZodType>
  extends AgentBase<I, O>,
    ModelSettings {
  /** Who the model is to be, and by which rules it works. */
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
  run?: never
  checkpointVersion?: never
}

/** An agent that is any async function. */
export interface RunAgentDefinition<I extends z.ZodType, O extends z.ZodType> extends AgentBase<I, O> {
  run: (input: z.output<I>, job: JobContext) => z.input<O> | Promise<z.input<O>>
  /** Raise it when a deploy changes what `job.checkpoint` is given: jobs that are running then start from their beginning. */
  checkpointVersion?: number
  prompt?: never
}
