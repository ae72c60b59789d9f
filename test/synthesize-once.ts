import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Synthesizes before the test files run, so that none of them waits for another's synthesis. */
export default function setup(): void {
  // In a process of its own: the one that Vitest runs this in does not know the condition `source`.
  execFileSync(process.execPath, ['--conditions=source', join(import.meta.dirname, 'synthesize.ts')], {
    stdio: 'inherit',
  })
}
