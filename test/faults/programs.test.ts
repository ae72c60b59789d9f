import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultsOf } from './invariants.ts'
import { program } from './program.ts'
import { describe, runProgram } from './run-program.ts'
import { startWorld } from './world.ts'

// `npm run test:faults -- --runs 5000` sets them: see run.ts.
const { FAULT_RUNS = '150', FAULT_SEED, FAULT_PATH } = process.env
// What a failure prints as path stands for one program, which runs alone then.
const RUNS = FAULT_PATH ? 1 : Number(FAULT_RUNS)
// The path is the program's place among the others. Its jobs get the same ids again, by which the sweep finds them.
const before = Number(FAULT_PATH?.split(':')[0] ?? 0)

// The start of the cloud, and two days of virtual time for the one program whose job hangs, take their time on a slow machine.
const timeout = 300_000 + RUNS * 10_000

test(`every job ends once, whatever breaks: ${RUNS} random programs`, { timeout }, async () => {
  await using world = await startWorld()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(program, async (planned) => {
      const outcome = await runProgram(world, planned, `p${before + ++runs}`)
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
