import type * as z from 'zod'
import type { PromptAgentDefinition, RunAgentDefinition } from './agent.ts'
import { MAX_ATTEMPTS, MAX_TIMEOUT_SECONDS } from './limits.ts'
import type { ModelSettings } from './model-families.ts'
import { EFFORTS } from './model-families.ts'
import { submitTool } from './prompt-agent.ts'

/** Refuses, when the agent is declared, what would only fail once a job has it run. */
export function checkDefinition(
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
  if (timeout && 'minutes' in timeout)
    checkWhole(`timeout.minutes of agent ${name}`, timeout.minutes, MAX_TIMEOUT_SECONDS / 60)
  else if (timeout) checkWhole(`timeout.seconds of agent ${name}`, timeout.seconds, MAX_TIMEOUT_SECONDS)
  if (stall) checkWhole(`stall.seconds of agent ${name}`, stall.seconds, 3_600)
  if (retry) checkWhole(`retry.maxAttempts of agent ${name}`, retry.maxAttempts, MAX_ATTEMPTS)
  if (!definition.prompt) {
    const { checkpointVersion } = definition
    if (checkpointVersion === undefined) return
    return checkWhole(`checkpointVersion of agent ${name}`, checkpointVersion, 1_000_000)
  }
  checkAnswerable(name, definition.output)
  if (typeof definition.system !== 'string' || !definition.system.trim()) {
    throw new TypeError(
      `system of agent ${name} must say in words what the model is to do, got ${show(definition.system)}`,
    )
  }
  if (definition.maxTurns !== undefined) checkWhole(`maxTurns of agent ${name}`, definition.maxTurns, 100)
  checkModelSettings(name, definition)
  const tools = definition.tools?.map((tool) => tool.name) ?? []
  const twice = tools.find((tool, index) => tools.indexOf(tool) !== index)
  if (twice) throw new TypeError(`Agent ${name} has two tools named ${twice}: each needs its own name`)
}

/** Letters and digits: a name is also the name of a tool for the model, and a field of the client's types. */
export function checkName(what: string, name: unknown) {
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

/** What no model takes; what the model of the stack does not take is known when the stack is built. */
function checkModelSettings(name: string, { maxTokens, temperature, effort }: ModelSettings) {
  if (maxTokens !== undefined) checkWhole(`maxTokens of agent ${name}`, maxTokens, 1_000_000)
  if (temperature !== undefined && !(typeof temperature === 'number' && temperature >= 0 && temperature <= 1)) {
    throw new TypeError(`temperature of agent ${name} must be a number from 0 to 1, got ${show(temperature)}`)
  }
  if (effort !== undefined && !EFFORTS.includes(effort)) {
    throw new TypeError(`effort of agent ${name} must be one of ${EFFORTS.join(', ')}, got ${show(effort)}`)
  }
}

function checkWhole(what: string, value: unknown, max: number) {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max) return
  throw new TypeError(`${what} must be a whole number from 1 to ${max}, got ${show(value)}`)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
