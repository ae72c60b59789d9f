import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import * as z from 'zod'
import type { JsonSchema } from './input-rules.ts'

/** The agents a stack is built with: where the worker's bundle finds them, and what the API must know of each. */
export interface AgentRegistry {
  readonly path: string
  /** The input schema of each agent as JSON Schema, by `queryType`. */
  readonly inputSchemas: Record<string, JsonSchema>
}

/** Loads the module that exports `agents`, synchronously, as constructs are built. */
export function loadAgents(agents: string): AgentRegistry {
  const path = resolve(agents)
  if (!existsSync(path)) {
    throw new Error(
      `agents must be the path of a module that exports \`agents\`, from ${process.cwd()}; there is no ${agents}`,
    )
  }
  const registry: unknown = createRequire(import.meta.url)(path).agents
  if (typeof registry !== 'object' || registry === null || Object.keys(registry).length === 0) {
    throw new Error(`${agents} must export \`agents\`, an object with an agent for each queryType`)
  }
  const inputSchemas = Object.fromEntries(
    Object.entries(registry).map(([queryType, agent]) => [queryType, inputSchema(agents, queryType, agent)]),
  )
  return { path, inputSchemas }
}

function inputSchema(agents: string, queryType: string, agent: unknown): JsonSchema {
  const { name, input } = (agent ?? {}) as { name?: unknown; input?: unknown }
  if (name !== queryType) {
    throw new Error(
      `${agents}: the key of an agent is its name, but agents.${queryType} is named ${JSON.stringify(name)}. Write defineAgent({ name: '${queryType}', … })`,
    )
  }
  if (!(input instanceof z.core.$ZodType)) {
    throw new Error(`${agents}: agents.${queryType}.input must be a zod 4 schema, got ${typeof input}`)
  }
  // What JSON Schema cannot say (refinements, transforms) is checked by the worker, before a model is paid for.
  return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema
}
