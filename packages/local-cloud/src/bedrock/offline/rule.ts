/** What a rule makes of a job's input: what it says, and the value it hands in. */
export interface RuleAnswer {
  text: string
  value: Record<string, unknown>
}

/** Stands where a model would think. Undefined: the input is not of the shape this rule knows. */
export type Rule = (input: unknown) => RuleAnswer | undefined
