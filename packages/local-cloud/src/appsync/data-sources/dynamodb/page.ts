import { fromWire } from './attribute-values.ts'
import type { NextTokens } from './next-token.ts'

/** A page of Query or Scan as `ctx.result` shows it. */
export function pageOf(output: Record<string, unknown>, tokens: NextTokens) {
  return {
    items: ((output.Items ?? []) as Record<string, unknown>[]).map(fromWire),
    nextToken: tokens.write(output.LastEvaluatedKey),
    scannedCount: output.ScannedCount,
  }
}
