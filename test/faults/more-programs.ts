import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// npm run test:faults -- --runs 5000
const { values } = parseArgs({ options: { runs: { type: 'string', default: '300' } } })
if (!/^[1-9]\d*$/.test(values.runs)) {
  console.error(`--runs must be a whole number from 1, got ${values.runs}`)
  process.exit(1)
}
const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')
const env = { ...process.env, FAULT_RUNS: values.runs }
const child = spawn(process.execPath, [vitest, 'run', 'test/faults/programs.test.ts'], { env, stdio: 'inherit' })
child.on('close', (code) => process.exit(code ?? 1))
