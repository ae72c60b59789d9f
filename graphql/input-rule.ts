/**
 * What of an agent's input schema AppSync can check before a job is written: lib/input-rules.ts makes a flat list of them,
 * since AppSync's JavaScript has no recursion, and puts it into the code of Mutation.createAgentJob.
 */
export interface InputRule {
  /** Where the value stands; `*` is every item of a list. */
  path: string[]
  /** What the value must be, in words: "a string of 1 or more characters". */
  expects: string
  required: boolean
  nullable: boolean
  type?: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null'
  enum?: unknown[]
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minItems?: number
  maxItems?: number
  /** The only names that the object may have. */
  names?: string[]
}
