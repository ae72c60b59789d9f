import { AwsError } from '../aws-error.ts'
import type { DynaliteError, Item } from './dynalite.ts'

export interface CancellationReason {
  Code: string
  Message?: string
  Item?: Item
}

/** What some of DynamoDB's exceptions carry beside their message. */
interface Members {
  Item?: Item
  CancellationReasons?: CancellationReason[]
}

export function refusal(code: string, message: string, members: Members = {}): AwsError {
  return new AwsError(code, 400, message, { members: { ...members } })
}

export function tableNotFound(name: string): AwsError {
  return refusal('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
}

/** The error that another DynamoDB, dynalite or a server, put into `body`. */
export function errorIn(body: Record<string, unknown>, status: number): AwsError {
  const { __type: type, message, Message, ...members } = body
  const code = String(type).slice(String(type).indexOf('#') + 1)
  return new AwsError(code, status, String(message ?? Message ?? ''), { members })
}

/** dynalite's own error as ours; anything else is a bug and becomes the server's fault. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  const { body, statusCode } = error as DynaliteError
  if (body && statusCode) return errorIn({ ...body }, statusCode)
  const message = error instanceof Error ? error.message : String(error)
  return new AwsError('InternalServerError', 500, message, { cause: error })
}
