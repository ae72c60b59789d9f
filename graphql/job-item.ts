import { util } from '@aws-appsync/utils'

export type JobItem = Record<string, unknown>

/** ISO 8601 with milliseconds; Java, under AppSync, leaves `.000` out. */
export function isoTime(epochMs: number): string {
  const text = util.time.epochMilliSecondsToISO8601(epochMs)
  return text.indexOf('.') >= 0 ? text : text.replace('Z', '.000Z')
}

/** A row as the API shows it; a result that is kept outside the table is omitted. A row written by hand may lack all but id, queryType and status. */
export function jobFromItem(item: JobItem): JobItem {
  return {
    ...item,
    requestData: jsonText(item.requestData),
    resultData: jsonText(item.resultData),
    partialResult: jsonText(item.partialResult),
    priority: item.priority ?? 'NORMAL',
    attempt: item.attempt ?? 0,
    version: item.version ?? 1,
    omitted: item.resultKey == null ? item.omitted : ['resultData'],
  }
}

/** The console also lets one type a map where JSON text belongs. */
function jsonText(value: unknown): unknown {
  return value == null || typeof value === 'string' ? value : JSON.stringify(value)
}

/** Members that are there: null in an input means left out. */
export function present(values: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  Object.keys(values).forEach((name) => {
    if (values[name] != null) kept[name] = values[name]
  })
  return kept
}
