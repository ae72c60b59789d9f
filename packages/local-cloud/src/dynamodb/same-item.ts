import type { Item } from './dynalite.ts'

/** Whether two items as JSON text are equal to DynamoDB: neither attributes nor the members of sets have an order. */
export function sameItem(one: string, other: string): boolean {
  // The same members in another order have the same length; this spares nearly every write the rest.
  return one.length === other.length && canonical(JSON.parse(one)) === canonical(JSON.parse(other))
}

function canonical(item: Item): string {
  return JSON.stringify(item, (name, value) => {
    if ((name === 'SS' || name === 'NS' || name === 'BS') && Array.isArray(value)) return [...value].sort()
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
