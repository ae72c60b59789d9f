import { inspect } from 'node:util'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'
import type { RunStopped } from './stopped.ts'

/** What ended a run, fit to be read, logged and stored. */
export type Fault = RunStopped | PermanentFailure | RetryLater | Error

const MAX_CAUSES = 5

/**
 * What an agent threw. JavaScript throws anything, and what was thrown may throw again when it is looked at: a getter, a
 * Proxy, an object without a prototype. So everything is read here, once; what comes out has plain texts in it.
 */
export function readFault(thrown: unknown): Fault {
  return attempt(() => knownFailure(thrown)) ?? plainError(thrown)
}

function knownFailure(thrown: unknown): Fault | undefined {
  if (!(thrown instanceof PermanentFailure || thrown instanceof RetryLater)) return undefined
  const { code, message, remediation, details } = thrown
  if (![code, message, remediation].every((text) => typeof text === 'string')) return undefined
  const report = { code, message, remediation, details }
  if (thrown instanceof PermanentFailure) return new PermanentFailure(report)
  const { retryAfterMs, sparesAttempt } = thrown
  const waitMs = Number.isFinite(retryAfterMs) ? retryAfterMs : undefined
  return new RetryLater({ ...report, retryAfterMs: waitMs, sparesAttempt: sparesAttempt === true })
}

function plainError(thrown: unknown, depth = 0): Error {
  const isError = attempt(() => thrown instanceof Error) ?? false
  const read = (name: 'name' | 'message' | 'stack' | 'cause') =>
    attempt(() => (thrown as Record<string, unknown>)[name])
  const message = isError ? read('message') : undefined
  const error = new Error(typeof message === 'string' ? message : `it threw ${shown(thrown)}`)
  if (!isError) return error
  const [name, stack, cause] = [read('name'), read('stack'), read('cause')]
  if (typeof name === 'string') error.name = name
  if (typeof stack === 'string') error.stack = stack
  if (cause !== undefined && depth < MAX_CAUSES) error.cause = plainError(cause, depth + 1)
  return error
}

function shown(thrown: unknown): string {
  const text = attempt(() => (typeof thrown === 'object' && thrown !== null ? undefined : String(thrown)))
  return (
    text ??
    attempt(() => inspect(thrown, { depth: 2, breakLength: Number.POSITIVE_INFINITY })) ??
    'an object that cannot be read'
  )
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
