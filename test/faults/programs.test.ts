import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultsOf } from './invariants.ts'
import { program } from './program.ts'
import { describe, runProgram } from './run-program.ts'
import { startWorld } from './world.ts'

// `npm run test:faults -- --runs 5000` sets them: see run.ts.
const { FAULT_RUNS = '300', FAULT_SEED, FAULT_PATH } = process.env
// What a failure prints as path stands for one program, which runs alone then.
const RUNS = FAULT_PATH ? 1 : Number(FAULT_RUNS)

test(`every job ends once, whatever breaks: ${RUNS} random programs`, { timeout: RUNS * 10_000 }, async () => {
  await using world = await startWorld()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(program, async (planned) => {
      const outcome = await runProgram(world, planned, `p${++runs}`)
      const faults = faultsOf(outcome)
      if (faults.length > 0) throw new Error(`${faults.join('\n')}\n${describe(planned, outcome)}`)
    }),
    {
      numRuns: RUNS,
      // A job that hangs takes two days of virtual time to be sure of: the first program found is enough.
      endOnFailure: true,
      ...(FAULT_SEED && { seed: Number(FAULT_SEED) }),
      ...(FAULT_PATH && { path: FAULT_PATH }),
    },
  )
  expect(runs).toBe(RUNS)
})
