import { action, type Item } from './dynalite.ts'
import { runNow } from './operations/item-operations.ts'
import type { Table } from './table.ts'
import type { Tables } from './tables.ts'

const sweepMs = 60_000
const fiveYears = 5 * 366 * 24 * 60 * 60

/** Deletes expired items and old stream records every minute; on AWS it may take days. Returns what stops it. */
export function startSweeping(tables: Tables): () => void {
  let cancel = tables.clock.after(sweepMs, sweep)
  function sweep() {
    cancel = tables.clock.after(sweepMs, sweep)
    for (const table of tables.byName.values()) deleteExpired(tables, table)
    tables.trim()
  }
  return () => cancel()
}

const deleteItem = action('deleteItem')

function deleteExpired(tables: Tables, table: Table): void {
  const now = tables.clock.now() / 1000
  const view = tables.view()
  for (const [key, expiry] of table.expiries) {
    // What is more than five years ago counts as a mistake (milliseconds taken for seconds lie in the future).
    if (expiry > now || expiry < now - fiveYears) continue
    const item = JSON.parse(table.items.get(key) as string) as Item
    runNow(deleteItem, view, { TableName: table.description.TableName, Key: table.keyOf(item) })
  }
  tables.commit(view, true)
}
