import type * as z from 'zod'
import type { Agent, PromptAgentDefinition, RunAgentDefinition } from './agent.ts'
import { checkDefinition } from './check-definition.ts'
import { checkpointFormat } from './checkpoint-format.ts'
import { PermanentFailure } from './failures.ts'
import type { ModelSettings } from './model-families.ts'
import { runPrompt } from './prompt-agent.ts'

/** Declares an agent; input, output, `prompt` and `run` are typed from the two zod schemas. */
export function defineAgent<I extends z.ZodType, O extends z.ZodType>(
  definition: PromptAgentDefinition<I, O> | RunAgentDefinition<I, O>,
): Agent<I, O> {
  checkDefinition(definition)
  const { name, input, output, timeout, stall, retry, prompt } = definition
  return {
    name,
    input,
    output,
    timeoutSeconds: timeout && ('minutes' in timeout ? timeout.minutes * 60 : timeout.seconds),
    stallSeconds: stall?.seconds,
    maxAttempts: retry?.maxAttempts,
    modelSettings: prompt && modelSettings(definition),
    checkpointFormat: checkpointFormat(definition),
    async run(given, job) {
      if (definition.prompt) return runPrompt(definition, given, job)
      return checkOutput(name, output, await definition.run(given, job))
    },
  }
}

function modelSettings({ maxTokens, temperature, effort }: ModelSettings): ModelSettings {
  return { maxTokens, temperature, effort }
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
