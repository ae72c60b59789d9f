import type { RuntimeError } from './runtime-errors.ts'

/** Why a thread ended under its invocations. */
export type LossReason =
  | { kind: 'unresponsive'; seconds: number }
  | { kind: 'memory'; megabytes: number; limitMb: number }
  | { kind: 'exit'; code: number }
  | { kind: 'crash'; error: RuntimeError }

/** An invocation that ended with its environment, whoever was to blame for it. */
export interface InvocationLost {
  functionName: string
  /** The function's variables, as its code saw them. */
  environment: Record<string, string>
  event: unknown
  reason: LossReason
  /** No other invocation ever ran in that environment: so this one is to blame. */
  alone: boolean
}

export type OnInvocationLost = (lost: InvocationLost) => void | Promise<void>

/** What ended the environment, for whoever reads the terminal. */
export function describeLoss(reason: LossReason): string {
  switch (reason.kind) {
    case 'unresponsive':
      return `did not answer for ${reason.seconds} s`
    case 'memory':
      return `ran out of memory at ${reason.megabytes} of ${reason.limitMb} MB`
    case 'exit':
      return `exited with code ${reason.code}`
    case 'crash':
      return `crashed: ${reason.error.errorType}: ${reason.error.errorMessage}`
  }
}

/** As Lambda reports it; an endless loop has no name of its own there, as it ends by the function's time-out. */
export function lossError(requestId: string, reason: LossReason): RuntimeError {
  if (reason.kind === 'crash') return reason.error
  const said = { exit: 'Runtime.ExitError', memory: 'Runtime.OutOfMemory', unresponsive: 'Runtime.Unresponsive' }
  return {
    errorType: said[reason.kind],
    errorMessage: `RequestId: ${requestId} Error: Runtime ${reason.kind === 'exit' ? exitText(reason.code) : describeLoss(reason)}`,
  }
}

function exitText(code: number): string {
  return code === 0 ? 'exited without providing a reason' : `exited with error: exit status ${code}`
}
