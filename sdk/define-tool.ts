import type * as z from 'zod'
import type { Tool } from './agent.ts'
import { checkName } from './check-definition.ts'

/** Declares a tool; `run` is typed from the zod schema of its input. */
export function defineTool<I extends z.ZodType>(tool: Tool<I>): Tool<I> {
  checkName('the name of a tool', tool.name)
  return tool
}
