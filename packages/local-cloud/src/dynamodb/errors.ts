import type { DynaliteError, Item } from './dynalite.ts'

export interface ErrorBody {
  __type: string
  message: string
  Item?: Item
  CancellationReasons?: CancellationReason[]
}

export interface CancellationReason {
  Code: string
  Message?: string
  Item?: Item
}

/** A refusal in AWS's words: `name` is the exception's name, `body` what goes over the wire. */
export class DynamoDbError extends Error {
  readonly statusCode: number
  readonly body: ErrorBody

  constructor(body: ErrorBody, statusCode = 400, options?: ErrorOptions) {
    super(body.message, options)
    this.name = body.__type.slice(body.__type.indexOf('#') + 1)
    this.body = body
    this.statusCode = statusCode
  }
}

export function refusal(name: string, message: string, more: Partial<ErrorBody> = {}): DynamoDbError {
  const service = name === 'ValidationException' ? 'com.amazon.coral.validate' : 'com.amazonaws.dynamodb.v20120810'
  return new DynamoDbError({ __type: `${service}#${name}`, message, ...more })
}

export const validationError = (message: string): DynamoDbError => refusal('ValidationException', message)

export function tableNotFound(name: string): DynamoDbError {
  return refusal('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
}

/** dynalite's own error as ours; anything else is a bug and becomes the server's fault. */
export function toDynamoDbError(error: unknown): DynamoDbError {
  if (error instanceof DynamoDbError) return error
  const { body, statusCode } = error as DynaliteError
  if (body && statusCode) {
    return new DynamoDbError({ ...body, message: body.message ?? body.Message ?? '' } as ErrorBody, statusCode)
  }
  const message = error instanceof Error ? error.message : String(error)
  return new DynamoDbError({ __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message }, 500, {
    cause: error,
  })
}
