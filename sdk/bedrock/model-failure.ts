import { PermanentFailure, RetryLater } from '../failures.ts'
import {
  CUT_OFF,
  DAILY_QUOTA,
  DISCONNECTED,
  FAULTS,
  FAULTS_BY_TEXT,
  type Fault,
  STALLED,
  UNREACHABLE,
} from './faults.ts'

/**
 * Turns what the Bedrock client threw into the failure that says what the job does next; a bug comes back as it is. `begun`:
 * the model had begun to answer, which is paid for.
 */
export function sortModelError(error: unknown, modelId: string, begun = false): unknown {
  if (!(error instanceof Error)) return error
  const fault = bedrockFault(error) ?? connectionFault(error)
  if (!fault) return error
  const details = { modelId, error: error.name }
  // What breaks off again and again must not be paid for a whole day.
  const spent = begun && fault === FAULTS.ServiceUnavailableException
  return failure(
    spent ? { ...fault, next: 'retry' } : fault,
    `${modelId}: ${error.message || error.name}`,
    details,
    error,
  )
}

/** The model began no answer, or stopped in the middle of it, and the connection stays open. */
export function stalledStream(modelId: string, seconds: number): Error {
  return failure(STALLED, `${modelId}: nothing came for ${seconds} s`, { modelId, seconds })
}

/** The answer stopped in the middle without an error. */
export function brokenStream(modelId: string): Error {
  return failure(CUT_OFF, `${modelId}: the answer ended before its stop reason came`, { modelId })
}

/** Whether the connection failed, rather than whoever is at its other end. */
export function isConnectionFault(error: unknown): boolean {
  return error instanceof Error && !bedrockFault(error) && connectionFault(error) !== undefined
}

/** Claude's newer versions refuse flags of the past: refused before it was begun, so nothing was paid. */
export function isBetaRefused(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /beta/i.test(error.message)
}

function failure(fault: Fault, message: string, details: object, cause?: Error) {
  const { code, remediation } = fault
  const report = { code, message, remediation, details, cause }
  if (fault.next === 'fail') return new PermanentFailure(report)
  const waitMs = Math.max(fault.retryAfterMs ?? 0, (cause && askedWaitMs(cause)) ?? 0)
  return new RetryLater({ ...report, retryAfterMs: waitMs || undefined, sparesAttempt: fault.next === 'wait' })
}

/** What the service itself said, by the name of the error, its text and its status. */
function bedrockFault(error: Error): Fault | undefined {
  const named = Object.hasOwn(FAULTS, error.name) ? FAULTS[error.name] : faultByStatus(error)
  if (!named || named.code === 'MODEL_CREDENTIALS_REFUSED') return named
  if (named === FAULTS.ThrottlingException) return DAILY_QUOTA[0].test(error.message) ? DAILY_QUOTA[1] : named
  // Only where the name says little: a failure of the model itself may quote anything.
  if (!VAGUE.includes(named)) return named
  return FAULTS_BY_TEXT.find(([text]) => text.test(error.message))?.[1] ?? named
}

const VAGUE = [FAULTS.AccessDeniedException, FAULTS.ResourceNotFoundException, FAULTS.ValidationException]

function faultByStatus(error: Error): Fault | undefined {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  if (!status || status < 400) return undefined
  if (status === 429) return FAULTS.ThrottlingException
  if (status === 403) return FAULTS.AccessDeniedException
  if (status === 404) return FAULTS.ResourceNotFoundException
  return status >= 500 || status === 408 ? FAULTS.ServiceUnavailableException : FAULTS.ValidationException
}

/** The connection was never there. */
const NO_CONNECTION = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/

// Node names connection faults by code (ECONNRESET, ENOTFOUND, ERR_HTTP2_…), the SDK its own time-outs by name; a
// connection that closes inside a frame shows only in the decoder's message.
function connectionFault(error: Error): Fault | undefined {
  const code = String((error as { code?: unknown }).code ?? '')
  if (NO_CONNECTION.test(code) || /did not establish a connection/.test(error.message)) return UNREACHABLE
  const lost = /^(E[A-Z]+$|EAI_|ERR_HTTP2_|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_)/.test(code)
  const cut = /^Truncated event message|socket hang up|aborted$/i.test(error.message)
  return lost || cut || error.name === 'TimeoutError' ? DISCONNECTED : undefined
}

function askedWaitMs(error: Error): number | undefined {
  const response = (error as { $response?: { headers?: Record<string, string> } }).$response
  const seconds = Number(response?.headers?.['retry-after'])
  return seconds > 0 ? seconds * 1000 : undefined
}
