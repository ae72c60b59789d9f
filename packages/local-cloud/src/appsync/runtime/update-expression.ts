import { dynamodb } from './dynamodb.ts'

type Operation =
  | { type: 'OPERATION_ADD' | 'OPERATION_REPLACE'; value: unknown }
  | { type: 'OPERATION_APPEND' | 'OPERATION_PREPEND'; items: unknown[] }
  | { type: 'OPERATION_INCREMENT' | 'OPERATION_DECREMENT'; by: number }
  | { type: 'OPERATION_REMOVE' }
  | { type: 'OPERATION_UPDATE_LIST_ITEM'; value: unknown; index: number }

/** `operations` of `@aws-appsync/utils/dynamodb`: markers that `update` turns into clauses. */
export const operations = Object.freeze({
  add: (value: unknown) => ({ type: 'OPERATION_ADD', value }),
  append: (items: unknown[]) => ({ type: 'OPERATION_APPEND', items }),
  prepend: (items: unknown[]) => ({ type: 'OPERATION_PREPEND', items }),
  increment: (by = 1) => ({ type: 'OPERATION_INCREMENT', by }),
  decrement: (by = 1) => ({ type: 'OPERATION_DECREMENT', by }),
  remove: () => ({ type: 'OPERATION_REMOVE' }),
  replace: (value: unknown) => ({ type: 'OPERATION_REPLACE', value }),
  updateListItem: (value: unknown, index: number) => ({ type: 'OPERATION_UPDATE_LIST_ITEM', value, index }),
})

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && String((value as Operation).type).startsWith('OPERATION_')

const isListUpdate = (value: unknown): value is Operation[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((entry) => isOperation(entry) && entry.type === 'OPERATION_UPDATE_LIST_ITEM')

class Clauses {
  readonly names: Record<string, string> = {}
  readonly values: Record<string, unknown> = {}
  readonly #aliases = new Map<string, string>()

  name(attribute: string): string {
    let alias = this.#aliases.get(attribute)
    if (!alias) {
      alias = `#expName_${this.#aliases.size + 1}`
      this.#aliases.set(attribute, alias)
      this.names[alias] = attribute
    }
    return alias
  }

  value(value: unknown): string {
    const alias = `:expValue_${Object.keys(this.values).length + 1}`
    this.values[alias] = dynamodb.toDynamoDB(value)
    return alias
  }

  set(attribute: string, change: unknown): string {
    const name = this.name(attribute)
    if (!isOperation(change)) return `${name} = ${this.value(change)}`
    switch (change.type) {
      case 'OPERATION_APPEND':
        return `${name} = list_append(${name}, ${this.value(change.items)})`
      case 'OPERATION_PREPEND':
        return `${name} = list_append(${this.value(change.items)}, ${name})`
      case 'OPERATION_INCREMENT':
        return `${name} = ${name} + ${this.value(change.by)}`
      case 'OPERATION_DECREMENT':
        return `${name} = ${name} - ${this.value(change.by)}`
      case 'OPERATION_UPDATE_LIST_ITEM':
        return `${name}[${change.index}] = ${this.value(change.value)}`
      default:
        return `${name} = ${this.value((change as { value: unknown }).value)}`
    }
  }
}

const isRemoval = (change: unknown) => isOperation(change) && change.type === 'OPERATION_REMOVE'

/** The `update` of an UpdateItem request: all SET clauses, then all REMOVE clauses, aliases numbered in that order. */
export function updateExpression(update: Record<string, unknown>): Record<string, unknown> {
  const clauses = new Clauses()
  const changes = Object.entries(update).filter(([, change]) => change !== undefined)
  const sets = changes
    .filter(([, change]) => !isRemoval(change))
    .flatMap(([name, change]) =>
      isListUpdate(change) ? change.map((one) => clauses.set(name, one)) : clauses.set(name, change),
    )
  const removes = changes.filter(([, change]) => isRemoval(change)).map(([name]) => clauses.name(name))
  const parts = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(removes.length > 0 ? [`REMOVE ${removes.join(', ')}`] : []),
  ]
  const expression: Record<string, unknown> = { expression: parts.join(' '), expressionNames: clauses.names }
  if (Object.keys(clauses.values).length > 0) expression.expressionValues = clauses.values
  return expression
}
