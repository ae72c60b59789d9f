export interface AwsErrorMore extends ErrorOptions {
  /** What goes out beside the message, such as the CancellationReasons of DynamoDB. */
  members?: Record<string, unknown>
  /** Goes out as the header Retry-After. */
  retryAfterSeconds?: number
}

/** A refusal by an AWS service. `code` is what its clients look at; how it goes over the wire is each protocol's. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly members: Record<string, unknown>
  readonly retryAfterSeconds: number | undefined

  constructor(code: string, status: number, message: string, more: AwsErrorMore = {}) {
    super(message, more)
    this.name = code
    this.code = code
    this.status = status
    this.members = more.members ?? {}
    this.retryAfterSeconds = more.retryAfterSeconds
  }
}

/** How most services refuse a parameter. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', 400, message)
}
