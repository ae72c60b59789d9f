import { dynamodb } from './dynamodb.ts'

/** A DynamoDB expression with its placeholders, values still as resolvers write them. */
export interface Expression {
  expression: string
  expressionNames: Record<string, string>
  expressionValues: Record<string, unknown>
}

const COMPARISONS: Record<string, string> = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' }

const ATTRIBUTE_TYPES: Record<string, string> = {
  _null: 'NULL',
  string: 'S',
  stringSet: 'SS',
  number: 'N',
  numberSet: 'NS',
  binary: 'B',
  binarySet: 'BS',
  boolean: 'BOOL',
  list: 'L',
  map: 'M',
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a filter that has no form in DynamoDB throws; AppSync answers `null` for it. */
const UNRENDERABLE = Symbol('unrenderable')

class Writer {
  readonly names: Record<string, string> = {}
  readonly values: Record<string, unknown> = {}

  bind(name: string, value: unknown): string {
    this.values[`:${name}`] = dynamodb.toDynamoDB(value)
    return `:${name}`
  }

  /** One filter object; several members are joined but not wrapped. */
  object(filter: unknown, prefix: string): string {
    if (!isMap(filter)) throw UNRENDERABLE
    return Object.entries(filter)
      .map(([key, value]) => this.member(key, value, prefix))
      .join(' AND ')
  }

  member(key: string, value: unknown, prefix: string): string {
    if (key === 'and' || key === 'or') return this.group(key, value, prefix)
    if (key === 'not') return `(NOT ${this.object(value, `${prefix}not_`)})`
    if (!isMap(value)) throw UNRENDERABLE
    this.names[`#${key}`] = key
    return this.operators(value, `#${key}`, `${prefix}${key}`)
  }

  group(key: 'and' | 'or', members: unknown, prefix: string): string {
    if (!Array.isArray(members)) throw UNRENDERABLE
    const written = members.map((member, index) => this.object(member, `${prefix}${key}_${index}_`))
    return written.length > 1 ? `(${written.join(key === 'and' ? ' AND ' : ' OR ')})` : (written[0] ?? '')
  }

  operators(operators: Record<string, unknown>, operand: string, name: string): string {
    const written = Object.entries(operators).map(([operator, value]) => this.operator(operator, value, operand, name))
    return written.length > 1 ? `(${written.join(' AND ')})` : (written[0] ?? '')
  }

  operator(operator: string, value: unknown, operand: string, name: string): string {
    const comparison = COMPARISONS[operator]
    if (comparison) return `(${operand} ${comparison} ${this.bind(`${name}_${operator}`, value)})`
    switch (operator) {
      case 'contains':
        return `(contains(${operand},${this.bind(`${name}_contains`, value)}))`
      case 'notContains':
        return `(NOT contains(${operand},${this.bind(`${name}_notContains`, value)}))`
      case 'beginsWith':
        return `(begins_with(${operand},${this.bind(`${name}_beginsWith`, value)}))`
      case 'between':
        return this.between(value, operand, name)
      case 'in':
        return this.in(value, operand, name)
      case 'attributeExists':
        if (typeof value !== 'boolean') throw UNRENDERABLE
        return value ? `(attribute_exists(${operand}))` : `(attribute_not_exists(${operand}))`
      case 'attributeType': {
        const code = ATTRIBUTE_TYPES[String(value)]
        if (!code) throw UNRENDERABLE
        return `(attribute_type(${operand},${this.bind(`${name}_attributeType`, code)}))`
      }
      case 'size':
        if (!isMap(value)) throw UNRENDERABLE
        // A size of a size names its value again but is written once.
        return this.operators(value, operand.startsWith('size(') ? operand : `size(${operand})`, `${name}_size`)
      default:
        throw UNRENDERABLE
    }
  }

  between(bounds: unknown, operand: string, name: string): string {
    if (!Array.isArray(bounds) || bounds.length < 2) throw UNRENDERABLE
    const start = this.bind(`${name}_between_start`, bounds[0])
    return `(${operand} BETWEEN ${start} AND ${this.bind(`${name}_between_end`, bounds[1])})`
  }

  in(values: unknown, operand: string, name: string): string {
    if (!Array.isArray(values)) throw UNRENDERABLE
    if (values.length === 0) return '(null)'
    return `(${operand} IN (${values.map((value, index) => this.bind(`${name}_in_${index}`, value)).join(', ')}))`
  }
}

/** A filter object as a DynamoDB expression; `null` for one that AppSync cannot render. */
export function filterExpression(filter: unknown): Expression | null {
  const writer = new Writer()
  try {
    const expression = writer.object(filter, '')
    return { expression, expressionNames: writer.names, expressionValues: writer.values }
  } catch (reason) {
    if (reason === UNRENDERABLE) return null
    throw reason
  }
}
