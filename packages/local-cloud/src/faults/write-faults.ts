import { AwsError } from '../aws-error.ts'
import type { DynamoDb } from '../dynamodb/contract.ts'
import { serve } from '../dynamodb/protocol.ts'

const STATUS = {
  ProvisionedThroughputExceededException: 400,
  ThrottlingException: 400,
  InternalServerError: 500,
} as const

/** How DynamoDB refuses a write that may succeed the next time. */
export type WriteError = keyof typeof STATUS

/** What befalls one write. */
export type WriteFault =
  | { kind: 'refuse'; error: WriteError }
  /** It is done, and the answer is an error all the same. */
  | { kind: 'loseAnswer' }
  /** It is done, and `act` ends before its answer goes out. */
  | { kind: 'then'; act(): Promise<unknown> }

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']

/** The faults that are to come, one a write; undefined stands for a write that goes well. */
export class PlannedWriteFaults {
  #planned: (WriteFault | undefined)[] = []

  plan(...faults: (WriteFault | undefined)[]): void {
    this.#planned.push(...faults)
  }

  next(operation: string): WriteFault | undefined {
    return this.#planned.length > 0 && WRITES.includes(operation) ? this.#planned.shift() : undefined
  }

  clear(): void {
    this.#planned = []
  }
}

/** `dynamodb` with the planned faults, for those who call it in this process and over the wire alike. */
export function withWriteFaults(dynamodb: DynamoDb, planned: PlannedWriteFaults, region: string): DynamoDb {
  const call: DynamoDb['call'] = async (operation, input) => {
    const fault = planned.next(operation)
    if (fault?.kind === 'refuse') throw errorOf(fault.error)
    const output = await dynamodb.call(operation, input)
    if (fault?.kind === 'loseAnswer') throw errorOf('InternalServerError')
    if (fault?.kind === 'then') await fault.act()
    return output
  }
  return { ...dynamodb, call, handle: serve(call, region) }
}

function errorOf(code: WriteError): AwsError {
  return new AwsError(code, STATUS[code], 'A fault of the local cloud, as ordered.')
}
