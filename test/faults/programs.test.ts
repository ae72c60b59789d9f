import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultsOf } from './invariants.ts'
import { program } from './program.ts'
import { describe, runProgram } from './run-program.ts'
import { startWorld } from './world.ts'

/** `npm run test:faults -- --runs 5000` sets it. */
const RUNS = Number(process.env.FAULT_RUNS ?? 300)
// What a failure prints as seed and path: FAULT_SEED=… FAULT_PATH=… runs that one program again.
const { FAULT_SEED, FAULT_PATH } = process.env

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
  expect(runs).toBe(FAULT_PATH ? 1 : RUNS)
})
