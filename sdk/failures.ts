/** What a failure tells the job's owner: `code` for programs, `message` says what happened, `remediation` the way out. */
export interface FailureReport {
  code: string
  message: string
  remediation: string
  /** Anything JSON can hold: schema issues, the model id, the text that was refused. */
  details?: unknown
  cause?: unknown
}

/** Trying again would end the same way: the job becomes FAILED at once, whatever attempts are left. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure'
  readonly code: string
  readonly remediation: string
  readonly details: unknown

  constructor({ code, message, remediation, details, cause }: FailureReport) {
    super(message, { cause })
    this.code = code
    this.remediation = remediation
    this.details = details
  }
}

/** The fault is expected to pass: the job goes back to PENDING while it has attempts left. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater'
  readonly code: string
  readonly remediation: string
  readonly details: unknown
  /** How long the other side asked us to wait; without it the engine's own backoff decides. */
  readonly retryAfterMs: number | undefined
  /** Nobody failed, somebody is busy: the job waits without losing an attempt, at most until its deadline or for a day. */
  readonly sparesAttempt: boolean

  constructor(report: FailureReport & { retryAfterMs?: number; sparesAttempt?: boolean }) {
    const { code, message, remediation, details, cause, retryAfterMs, sparesAttempt = false } = report
    super(message, { cause })
    this.code = code
    this.remediation = remediation
    this.details = details
    this.retryAfterMs = retryAfterMs
    this.sparesAttempt = sparesAttempt
  }
}
