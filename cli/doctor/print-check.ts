import pc from 'picocolors'
import type { Check } from './examine.ts'

/** A line of what was found, and when it is not as it must be, one of what to do. */
export function printCheck({ check, ok, came, wayOut }: Check): void {
  console.log(`${ok ? pc.green('✓') : pc.red('✗')} ${check.padEnd(12)} ${came}`)
  if (wayOut) console.log(`${' '.repeat(15)}${pc.yellow(wayOut)}`)
}
