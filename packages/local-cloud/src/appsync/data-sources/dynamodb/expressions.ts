import { toWire } from './attribute-values.ts'

interface Expression {
  expression?: string
  expressionNames?: Record<string, string>
  expressionValues?: Record<string, unknown>
}

/** Guide samples hand over what util.transform returned, which is a JSON text. */
function read(expression: unknown): Expression | undefined {
  const read = (typeof expression === 'string' ? JSON.parse(expression) : expression) as Expression | null | undefined
  // An empty filter has names but nothing to say; DynamoDB refuses names that no expression uses.
  return read?.expression ? read : undefined
}

/**
 * The members of a DynamoDB input for the expressions of a request: `{FilterExpression: request.filter}` gives
 * FilterExpression with the names and values of all of them together.
 */
export function expressionInput(expressions: Record<string, unknown>): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  for (const [member, given] of Object.entries(expressions)) {
    const found = read(given)
    if (!found) continue
    input[member] = found.expression
    Object.assign(names, found.expressionNames)
    Object.assign(values, found.expressionValues)
  }
  if (Object.keys(names).length > 0) input.ExpressionAttributeNames = names
  if (Object.keys(values).length > 0) input.ExpressionAttributeValues = toWire(values)
  return input
}

/** The members of `input` that have a value. */
export function given(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))
}
