import type { JobItem } from './job-item.ts'

type Operators = Record<string, unknown>
type Condition = Record<string, Operators | null | undefined>

/** ModelAgentJobFilterInput: conditions by field, and one level of and, or, not. */
export type JobFilter = Condition & {
  owner?: { eq?: string | null } | null
  and?: (Condition | null)[] | null
  or?: (Condition | null)[] | null
  not?: Condition | null
}

const COMBINERS = ['and', 'or', 'not']

/** Whether the job passes the filter, by DynamoDB's rules: a missing value passes only negative operators. */
export function passes(job: JobItem, filter: JobFilter): boolean {
  const { and, or, not } = filter
  return (
    meets(job, filter) &&
    (and ?? []).every((condition) => meets(job, condition ?? {})) &&
    (or == null || or.length === 0 || or.some((condition) => meets(job, condition ?? {}))) &&
    (not == null || !meets(job, not))
  )
}

function meets(job: JobItem, condition: Condition): boolean {
  return Object.keys(condition)
    .filter((field) => COMBINERS.indexOf(field) < 0)
    .every((field) => {
      const operators = condition[field] ?? {}
      return Object.keys(operators).every((operator) => holds(operator, job[field], operators[operator]))
    })
}

function holds(operator: string, value: unknown, operand: unknown): boolean {
  if (operator === 'attributeExists') return (value != null) === operand
  if (operator !== 'size') return compares(operator, value, operand)
  const sizes = (operand ?? {}) as Operators
  const length = typeof value === 'string' ? value.length : null
  return Object.keys(sizes).every((name) => compares(name, length, sizes[name]))
}

// The schema gives value and operand the same type, so one cast to string serves numbers as well.
function compares(operator: string, value: unknown, operand: unknown): boolean {
  if (operator === 'eq') return operand == null ? value == null : value === operand
  if (operator === 'ne') return operand == null ? value != null : value !== operand
  if (operator === 'notContains') return value == null || (value as string).indexOf(operand as string) < 0
  if (value == null || operand == null) return false
  const left = value as string
  const right = operand as string
  switch (operator) {
    case 'le':
      return left <= right
    case 'lt':
      return left < right
    case 'ge':
      return left >= right
    case 'gt':
      return left > right
    case 'contains':
      return left.indexOf(right) >= 0
    case 'beginsWith':
      return left.startsWith(right)
    case 'between':
      return left >= (operand as string[])[0] && left <= (operand as string[])[1]
    default:
      return false
  }
}
