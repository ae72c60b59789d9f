import { randomUUID } from 'node:crypto'
import type { DynamoDbCalls } from '../../api.ts'
import { DataSourceError } from '../data-source.ts'
import type { NextTokens } from './next-token.ts'

/** What an operation of the data source works with. */
export interface Table {
  tableName: string
  call(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>>
  tokens: NextTokens
}

/** The request object of a resolver. */
export type Request = Record<string, unknown>

export type TableOperation = (table: Table, request: Request) => Promise<unknown>

/** An exception of DynamoDB, with what it says about each member of a transaction. */
export class DynamoDbFailure extends DataSourceError {
  readonly exception: string
  readonly cancellationReasons: { Code?: string; Message?: string; Item?: Record<string, unknown> }[] | undefined

  constructor(error: Error & { statusCode?: number; body?: Record<string, unknown> }, result: unknown = null) {
    const { name, message, statusCode = 400, body } = error
    const details = `Service: AmazonDynamoDBv2; Status Code: ${statusCode}; Error Code: ${name}; Request ID: ${randomUUID()}`
    super(`DynamoDB:${name}`, `${message} (${details})`, result)
    this.exception = name
    this.cancellationReasons = body?.CancellationReasons as DynamoDbFailure['cancellationReasons']
  }
}

/** Calls in which an exception of DynamoDB becomes the data source's error. */
export function failingAsDataSource({ call }: DynamoDbCalls): Table['call'] {
  return (operation, input) =>
    call(operation, input).catch((error: Error & { statusCode?: number }) => {
      // Anything without a status is a fault of the emulator itself, and must be seen as one.
      throw error.statusCode === undefined ? error : new DynamoDbFailure(error)
    })
}
