import { isDeepStrictEqual } from 'node:util'
import { fromWire, toWire } from './attribute-values.ts'
import { expressionInput, given } from './expressions.ts'
import type { TableOperation } from './operation.ts'

type Item = Record<string, unknown>
interface Wanted {
  keys: Item[]
  consistentRead?: boolean
  projection?: unknown
}

const hasKey = (item: Item, key: Item) => Object.keys(key).every((name) => isDeepStrictEqual(item[name], key[name]))

/** `ctx.result` is `{data: {table: [item or null, in the order of the keys]}, unprocessedKeys: {table: […]}}`. */
export const batchGetItem: TableOperation = async ({ call }, request) => {
  const tables = Object.entries(request.tables as Record<string, Wanted>)
  const RequestItems = Object.fromEntries(
    tables.map(([name, { keys, consistentRead, projection }]) => [
      name,
      {
        Keys: keys.map(toWire),
        ...given({ ConsistentRead: consistentRead }),
        ...expressionInput({ ProjectionExpression: projection }),
      },
    ]),
  )
  const output = await call('BatchGetItem', { RequestItems })
  const found = output.Responses as Record<string, Item[]>
  const left = (output.UnprocessedKeys ?? {}) as Record<string, { Keys: Item[] }>
  const data = tables.map(([name, { keys }]) => {
    const items = (found[name] ?? []).map(fromWire)
    const plainKeys = keys.map((key) => fromWire(toWire(key)))
    return [name, plainKeys.map((key) => items.find((item) => hasKey(item, key)) ?? null)]
  })
  const unprocessed = tables.map(([name]) => [name, (left[name]?.Keys ?? []).map(fromWire)])
  return { data: Object.fromEntries(data), unprocessedKeys: Object.fromEntries(unprocessed) }
}
