/** HTTP status of each error that Bedrock Runtime names. */
const STATUS = {
  ValidationException: 400,
  ServiceQuotaExceededException: 400,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  ModelTimeoutException: 408,
  ModelErrorException: 424,
  ModelStreamErrorException: 424,
  ThrottlingException: 429,
  ModelNotReadyException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,
} as const

export type BedrockErrorName = keyof typeof STATUS

/** An error as Bedrock answers it: before the first frame by HTTP status, after it by an exception frame. */
export class BedrockError extends Error {
  override readonly name: BedrockErrorName
  readonly statusCode: number
  /** Sent as the header Retry-After. */
  readonly retryAfterSeconds: number | undefined

  constructor(name: BedrockErrorName, message: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = name
    this.statusCode = STATUS[name]
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

export function isBedrockErrorName(name: string): name is BedrockErrorName {
  return Object.hasOwn(STATUS, name)
}
