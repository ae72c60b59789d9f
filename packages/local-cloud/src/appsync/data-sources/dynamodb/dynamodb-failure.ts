import { randomUUID } from 'node:crypto'
import { AwsError } from '../../../aws-error.ts'
import type { DynamoDbCalls } from '../../api.ts'
import { DataSourceError } from '../data-source.ts'
import type { Table } from './operation.ts'

/** An exception of DynamoDB, with what it says about each member of a transaction. */
export class DynamoDbFailure extends DataSourceError {
  readonly exception: string
  readonly cancellationReasons: { Code?: string; Message?: string; Item?: Record<string, unknown> }[] | undefined

  constructor({ code, members, message, status }: AwsError) {
    const details = `Service: AmazonDynamoDBv2; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}`
    super(`DynamoDB:${code}`, `${message} (${details})`)
    this.exception = code
    this.cancellationReasons = members.CancellationReasons as DynamoDbFailure['cancellationReasons']
  }
}

/** Calls in which an exception of DynamoDB becomes the data source's error. */
export function failingAsDataSource({ call }: DynamoDbCalls): Table['call'] {
  return (operation, input) =>
    call(operation, input).catch((error: unknown) => {
      // Anything else is a fault of the emulator itself, and must be seen as one.
      throw error instanceof AwsError ? new DynamoDbFailure(error) : error
    })
}
