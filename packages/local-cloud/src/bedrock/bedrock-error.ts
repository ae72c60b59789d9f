import { AwsError, type AwsErrorMore } from '../aws-error.ts'

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

export type BedrockErrorCode = keyof typeof STATUS

/** An error as Bedrock answers it: before the first frame by HTTP status, after it by an exception frame. */
export function bedrockError(code: BedrockErrorCode, message: string, more?: AwsErrorMore): AwsError {
  return new AwsError(code, STATUS[code], message, more)
}

export function isBedrockErrorCode(code: string): code is BedrockErrorCode {
  return Object.hasOwn(STATUS, code)
}
