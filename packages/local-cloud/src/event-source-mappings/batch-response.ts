import type { InvokeResult } from '../lambda/lambda.ts'

/** Which items of a batch failed, by the function's answer. An answer that names an item that is not there fails them all. */
export function failedItems(result: InvokeResult, itemIds: string[], reportsItems: boolean): Set<string> {
  const all = new Set(itemIds)
  if (result.functionError) return all
  if (!reportsItems) return new Set()
  const failures = (result.payload as { batchItemFailures?: unknown } | null)?.batchItemFailures
  if (failures === undefined || failures === null) return new Set()
  if (!Array.isArray(failures)) return all
  const failed = new Set<string>()
  for (const failure of failures) {
    const itemIdentifier = failure?.itemIdentifier
    if (!all.has(itemIdentifier)) return all
    failed.add(itemIdentifier)
  }
  return failed
}
