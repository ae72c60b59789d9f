import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { describe, expect, test } from 'vitest'
import type { Tries } from '../../engine/retry.ts'
import { insisting, untilTaken } from '../../engine/retry.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import { recordingLog } from './recording-log.ts'

const passing = new RetryLater({ code: 'X', message: 'busy', remediation: 'wait' })
const permanent = new PermanentFailure({ code: 'X', message: 'no', remediation: 'deploy' })

/** Calls something that fails, lets time pass until that is given up, and tells when each try was. */
async function tryFor(fault: Error, terms: (clock: ManualClock) => Partial<Tries>, random = 1) {
  const clock = new ManualClock(0)
  const at: number[] = []
  const call = async () => {
    at.push(clock.now())
    throw fault
  }
  let outcome: unknown
  const tried = untilTaken(call, { clock, random: () => random, ...terms(clock) }).catch((error) => {
    outcome = error
  })
  while (outcome === undefined) {
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(100)
  }
  await tried
  return { at, outcome }
}

describe('a call that fails', () => {
  test('is tried again a little later each time, as often as was said, and then its fault is thrown', async () => {
    const { at, outcome } = await tryFor(passing, () => ({ tries: 8 }))
    expect(outcome).toBe(passing)
    expect(at.map((time, n) => time - (at[n - 1] ?? 0))).toEqual([0, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  })

  test('for good is tried once', async () => {
    expect(await tryFor(permanent, () => ({ tries: 8 }))).toEqual({ at: [0], outcome: permanent })
    expect((await tryFor(permanent, () => ({ tries: 3, isPassing: () => true }))).at).toHaveLength(3)
  })

  test('is tried no more when the next try would come too late, also when that was said meanwhile', async () => {
    expect((await tryFor(passing, () => ({ until: () => 600 }))).at).toEqual([0, 200, 600])
    let giveUpAt = Number.POSITIVE_INFINITY
    const { at } = await tryFor(passing, (clock) => {
      clock.after(2_000, () => {
        giveUpAt = 2_000
      })
      return { until: () => giveUpAt }
    })
    expect(at).toEqual([0, 200, 600, 1_400, 3_000])
  })

  test('waits at least half of its time, so that many do not come back at once', async () => {
    expect((await tryFor(passing, () => ({ tries: 3 }), 0)).at).toEqual([0, 100, 300])
  })
})

test('what was paid for is insisted on for a minute, whatever the fault, and not beyond the deadline', async () => {
  const log = recordingLog()
  const until = (deadline: number) => (clock: ManualClock) =>
    insisting({ clock, random: () => 1, log }, { deadline: () => deadline, about: { jobId: 'a' } })
  const fault = new Error('ECONNRESET')
  const { at, outcome } = await tryFor(fault, until(900_000))
  expect(outcome).toBe(fault)
  expect(at.at(-1)).toBeGreaterThan(55_000)
  expect(at.at(-1)).toBeLessThanOrEqual(60_000)
  expect((await tryFor(fault, until(1_000))).at).toEqual([0, 200, 600])
  expect(log.lines[0]).toMatch(/WARN A write is tried again .*"jobId":"a".*"tried":1.*ECONNRESET/)
})
