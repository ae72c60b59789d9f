import { randomUUID } from 'node:crypto'
import { sleep } from '../clock.ts'
import type { LambdaFunction } from './function.ts'
import type { LambdaState } from './operation.ts'

/** Lambda tries a failed asynchronous invocation again after about one minute, and then two. */
const retryDelays = [60_000, 120_000]

/** Starts an invocation whose answer nobody waits for. */
export function invokeAsynchronously(state: LambdaState, target: LambdaFunction, event: string): { requestId: string } {
  void deliver(state, target, event)
  return { requestId: randomUUID() }
}

async function deliver(state: LambdaState, target: LambdaFunction, event: string): Promise<void> {
  const { functionName } = target.settings
  const { maximumRetryAttempts, maximumEventAgeMs } = target.asyncInvoke
  const tooOld = state.clock.now() + maximumEventAgeMs
  for (const delay of [...retryDelays.slice(0, maximumRetryAttempts), undefined]) {
    const { failed, payload } = await target.invoke(event)
    if (!failed || state.closing.aborted) return
    const isLast = delay === undefined || state.clock.now() + delay > tooOld
    const next = isLast ? 'given up' : `tried again in ${delay / 1000} s`
    state.log(functionName, `asynchronous invocation failed, ${next}: ${payload}`)
    if (isLast) return
    const slept = sleep(state.clock, delay, state.closing)
    // Closing is the only thing that ends the wait early, and then nobody is left to retry for.
    if (
      !(await slept.then(
        () => true,
        () => false,
      ))
    )
      return
  }
}
