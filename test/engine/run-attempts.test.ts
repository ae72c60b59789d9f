import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { type EngineWorld, type Run, startEngine, waitingAgent } from './engine-world.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await startEngine()
})
afterEach(() => world[Symbol.asyncDispose]())

const broken = () => new RetryLater({ code: 'MODEL_STREAM_BROKEN', message: 'It broke off', remediation: 'None.' })

/** Runs the job again and again until it is over, at most so often. */
async function runToEnd(run: Run, most = 150) {
  for (let runs = 1; runs <= most; runs++) {
    const row = await world.runJob(run)
    if (row.status !== 'PENDING') return { runs, row }
    await world.clock.advance(600_000)
  }
  throw new Error(`the job is not over after ${most} runs`)
}

/** Takes step after step from where it stands, a checkpoint after each; `breaks` throws where it should. */
function stepper(steps: number, breaks: (step: number) => void): Run {
  return async (_input, job) => {
    for (let step = (job.resumed as number | undefined) ?? 0; step < steps; step++) {
      breaks(step)
      await job.checkpoint(step + 1)
    }
    return 'all of it'
  }
}

describe('attempts are counted since the job last got further, so that one', () => {
  test('of 50 turns of which each second breaks off twice comes to its end', async () => {
    await world.put({ maxAttempts: 3 })
    const left = Array.from({ length: 50 }, (_, step): number => (step % 2 ? 2 : 0))
    const { row, runs } = await runToEnd(
      stepper(50, (step) => {
        if ((left[step] as number) > 0) {
          left[step] = (left[step] as number) - 1
          throw broken()
        }
      }),
    )
    expect(row).toMatchObject({ status: 'COMPLETE', claims: 51, attempt: 1 })
    expect(runs).toBe(51)
  })

  test('that fails at the same place fails after its attempts, whatever it had done before', async () => {
    await world.put({ maxAttempts: 3 })
    const { row } = await runToEnd(
      stepper(5, (step) => {
        if (step === 3) throw broken()
      }),
    )
    const error = { code: 'MODEL_STREAM_BROKEN', message: expect.stringMatching(/attempt 3 of 3/) }
    expect(row).toMatchObject({ status: 'FAILED', attempt: 3, error })
    // The run that did the three steps, and two that did none.
    expect(row.claims).toBe(3)
  })

  test.each([
    ['writes the same checkpoint over and over', ['here']],
    ['begins anew each time, through the same checkpoints', ['one', 'two', 'three']],
  ])('that %s does not get further by it', async (_what, states) => {
    await world.put({ maxAttempts: 3 })
    const { row } = await runToEnd(async (_input, job) => {
      for (const state of states) await job.checkpoint(state)
      throw broken()
    })
    // The first run got somewhere; the other three came back to where they began.
    expect(row).toMatchObject({ status: 'FAILED', attempt: 3, claims: 3 })
  })

  test('that gets to ever other places ends after a hundred attempts in all', async () => {
    await world.put({ maxAttempts: 3 })
    let n = 0
    const { row } = await runToEnd(async (_input, job) => {
      await job.checkpoint(++n)
      throw broken()
    })
    const error = { message: expect.stringMatching(/attempt 100 in all/) }
    expect(row).toMatchObject({ status: 'FAILED', claims: 100, error })
  })

  test('with one attempt has no second one, wherever it stands', async () => {
    await world.put({ maxAttempts: 1 })
    const { row } = await runToEnd(async (_input, job) => {
      await job.checkpoint('far')
      throw broken()
    })
    expect(row).toMatchObject({ status: 'FAILED', claims: 1 })
  })

  test('whose workers die has got further by a checkpoint as well', async () => {
    const { put, runJob, lose, table, clock } = world
    await put({ maxAttempts: 2 })
    for (const step of [1, 2, 3, 4]) {
      const { run, running } = waitingAgent()
      const never = runJob(async (input, job) => {
        await job.checkpoint(step)
        return run(input, job)
      })
      await running
      expect(await table.row('a')).toMatchObject({ status: 'PROCESSING', attempt: 1, allAttempts: step })
      await lose()
      await clock.advance(1_500)
      await never
    }
  })

  test('that waits for a busy model, or goes on in the next slice, is in the same attempt', async () => {
    const { put, runJob, clock } = world
    await put({ maxAttempts: 2, timeoutSeconds: 3_600 })
    const busy = new RetryLater({ code: 'BUSY', message: 'busy', remediation: 'None.', sparesAttempt: true })
    const first = await runJob(async (_input, job) => {
      await job.checkpoint(1)
      throw busy
    })
    expect(first).toMatchObject({ status: 'PENDING', attempt: 0, allAttempts: 0 })
    await clock.advance(600_000)
    const { run, running } = waitingAgent()
    const ended = runJob(
      async (input, job) => {
        await job.checkpoint(2)
        return run(input, job)
      },
      {},
      45_000,
    )
    await running
    await clock.advance(35_000)
    expect(await ended).toMatchObject({ status: 'PENDING', attempt: 0, allAttempts: 0 })
    expect(await runJob(async () => 1)).toMatchObject({ status: 'COMPLETE', attempt: 1, allAttempts: 1 })
  })

  test('that fails for good does so at once', async () => {
    await world.put({ maxAttempts: 3 })
    const { row } = await runToEnd(async (_input, job) => {
      await job.checkpoint('far')
      throw new PermanentFailure({ code: 'NO', message: 'No.', remediation: 'None.' })
    })
    expect(row).toMatchObject({ status: 'FAILED', claims: 1, error: { code: 'NO' } })
  })
})
