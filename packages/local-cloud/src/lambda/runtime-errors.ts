/** A failed invocation's payload, as Lambda's runtime puts it. */
export interface RuntimeError {
  errorType: string
  errorMessage: string
  trace?: string[]
}

/** What the runtime reports for a value that the handler threw. */
export function describeError(thrown: unknown): RuntimeError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] }
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] }
}

/** The environment ended under an invocation: process.exit, or somebody killed it. */
export function exitError(requestId: string, reason: string): RuntimeError {
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${reason}` }
}

/** The function's own timeout passed. */
export function timeoutError(now: number, requestId: string, timeoutSeconds: number): RuntimeError {
  const errorMessage = `${new Date(now).toISOString()} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`
  return { errorType: 'Sandbox.Timedout', errorMessage }
}
