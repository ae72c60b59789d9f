import { writeSync } from 'node:fs'
import * as z from 'zod'

/** Where the process that started this one reads the answer. */
const ANSWER = 3

/**
 * Runs in the bundle of the agents, and says as JSON what the API must know of them: by its queryType the input of each as
 * JSON Schema and what it asks of its model, or `{ fault }`.
 */
export function describeAgents(registry: { agents?: unknown; default?: unknown }): void {
  // A CommonJS module is all default to an import.
  const agents = registry.agents ?? (registry.default as { agents?: unknown } | undefined)?.agents
  writeSync(ANSWER, JSON.stringify(describeAll(agents)))
}

function describeAll(
  agents: unknown,
): { inputSchemas: Record<string, unknown>; modelSettings: Record<string, unknown> } | { fault: string } {
  if (typeof agents !== 'object' || agents === null || Object.keys(agents).length === 0) {
    return { fault: 'must export `agents`, an object with an agent for each queryType' }
  }
  const inputSchemas: Record<string, unknown> = {}
  const modelSettings: Record<string, unknown> = {}
  for (const [queryType, agent] of Object.entries(agents)) {
    const { name, input, modelSettings: settings } = (agent ?? {}) as Record<string, unknown>
    if (name !== queryType) {
      return {
        fault: `names an agent by another key than its name: agents.${queryType} is named ${JSON.stringify(name)}. Write defineAgent({ name: '${queryType}', … })`,
      }
    }
    if (!(input instanceof z.core.$ZodType)) {
      return { fault: `needs zod 4 schemas: agents.${queryType}.input must be one, got ${typeof input}` }
    }
    // What JSON Schema cannot say (refinements, transforms) is checked by the worker, before a model is paid for.
    inputSchemas[queryType] = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
    if (settings) modelSettings[queryType] = settings
  }
  return { inputSchemas, modelSettings }
}
