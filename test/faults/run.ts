import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

// npm run test:faults -- --runs 5000: the fault lab with more random programs than the 150 of `npm test`. What a failure prints as
// seed and path runs that one program again: npm run test:faults -- --seed=-25495254 --path 81
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '300' }, seed: { type: 'string' }, path: { type: 'string' } },
})
if (!/^[1-9]\d*$/.test(values.runs)) throw new Error(`--runs must be a whole number from 1 up, got ${values.runs}`)
const { runs: FAULT_RUNS, seed: FAULT_SEED, path: FAULT_PATH } = values
const files = FAULT_PATH ? 'test/faults/programs.test.ts' : 'test/faults'
const { status } = spawnSync('vitest', ['run', files], {
  stdio: 'inherit',
  env: { ...process.env, FAULT_RUNS, ...(FAULT_SEED && { FAULT_SEED }), ...(FAULT_PATH && { FAULT_PATH }) },
})
process.exitCode = status ?? 1
