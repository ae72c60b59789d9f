import { fromWire, toWire } from './attribute-values.ts'
import type { Table, TableOperation } from './operation.ts'

type Item = Record<string, unknown>
type WriteRequest = { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }

async function batchWrite({ call }: Table, tables: Record<string, Item[]>, write: (item: Item) => WriteRequest) {
  const entries = Object.entries(tables).map(([name, items]): [string, Item[]] => [name, items.map(toWire)])
  const RequestItems = Object.fromEntries(entries.map(([name, items]) => [name, items.map(write)]))
  const output = await call('BatchWriteItem', { RequestItems })
  const left = (output.UnprocessedItems ?? {}) as Record<string, WriteRequest[]>
  const unprocessed = entries.map(([name]) => [
    name,
    (left[name] ?? []).map((entry) => fromWire((entry.PutRequest?.Item ?? entry.DeleteRequest?.Key) as Item)),
  ])
  return {
    data: Object.fromEntries(entries.map(([name, items]) => [name, items.map(fromWire)])),
    unprocessed: Object.fromEntries(unprocessed),
  }
}

/** `ctx.result` is `{data: {table: items}, unprocessedItems: {table: […]}}`. */
export const batchPutItem: TableOperation = async (table, request) => {
  const tables = request.tables as Record<string, Item[]>
  const { data, unprocessed } = await batchWrite(table, tables, (Item) => ({ PutRequest: { Item } }))
  return { data, unprocessedItems: unprocessed }
}

/** `ctx.result` is `{data: {table: keys}, unprocessedKeys: {table: […]}}`. */
export const batchDeleteItem: TableOperation = async (table, request) => {
  const tables = request.tables as Record<string, Item[]>
  const { data, unprocessed } = await batchWrite(table, tables, (Key) => ({ DeleteRequest: { Key } }))
  return { data, unprocessedKeys: unprocessed }
}
