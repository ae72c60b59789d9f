import { badRequest } from '../data-source.ts'

type Value = Record<string, unknown>
type Map = Record<string, unknown>

/** An attribute value as a resolver writes it (numbers in `N`, null in `NULL`) in the form of the wire. */
function valueToWire(value: unknown): Value {
  const [tag, content] = Object.entries((value ?? {}) as Value)[0] ?? []
  switch (tag) {
    case 'N':
      return { N: String(content) }
    case 'NS':
      return { NS: (content as unknown[]).map(String) }
    case 'NULL':
      return { NULL: true }
    case 'L':
      return { L: (content as unknown[]).map(valueToWire) }
    case 'M':
      return { M: toWire(content as Map) }
    default:
      return value as Value
  }
}

/** Attribute values by name, in the form of the wire. */
export function toWire(values: Map): Map {
  if (typeof values !== 'object' || values === null) {
    throw badRequest(`a DynamoDB request needs attribute values by name here, got ${JSON.stringify(values)}`)
  }
  const wire: Map = {}
  for (const name of Object.keys(values)) wire[name] = valueToWire(values[name])
  return wire
}

function valueFromWire(value: Value): unknown {
  const [tag, content] = Object.entries(value)[0] ?? []
  switch (tag) {
    case 'N':
      return Number(content)
    case 'NS':
      return (content as string[]).map(Number)
    case 'NULL':
      return null
    case 'L':
      return (content as Value[]).map(valueFromWire)
    case 'M':
      return fromWire(content as Map)
    default:
      // Strings, booleans, string and binary sets, and binary values, which are base64 text on the wire.
      return content
  }
}

/** An item of the wire as plain JSON, as `ctx.result` shows it. */
export function fromWire(item: Map): Map {
  const plain: Map = {}
  for (const name of Object.keys(item)) plain[name] = valueFromWire(item[name] as Value)
  return plain
}

/** The same for an item that may be missing. */
export function itemFromWire(item: unknown): Map | null {
  return item ? fromWire(item as Map) : null
}
