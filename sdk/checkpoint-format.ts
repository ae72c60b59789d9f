import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { PromptAgentDefinition, RunAgentDefinition } from './agent.ts'

/** Of the conversation that a prompt agent checkpoints: +1 when it changes. */
const CONVERSATION = 1

/**
 * Says whose checkpoints an agent can go on from: those of the same way of working, tools, input and output. The words of an
 * instruction may change meanwhile. What a `run` stores, only its author knows: `checkpointVersion` is how it is told.
 */
export function checkpointFormat(
  definition: PromptAgentDefinition<z.ZodType, z.ZodType> | RunAgentDefinition<z.ZodType, z.ZodType>,
): string {
  const { input, output } = definition
  const kind = definition.prompt ? `prompt.${CONVERSATION}` : `run.${definition.checkpointVersion ?? 1}`
  const tools = definition.prompt ? (definition.tools ?? []).map((tool) => [tool.name, shapeOf(tool.input)]) : []
  const shape = JSON.stringify([shapeOf(input), shapeOf(output), tools])
  return `${kind}.${createHash('sha256').update(shape).digest('hex').slice(0, 16)}`
}

function shapeOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}
