import type { Handle } from '../service.ts'
import type { TableProperties } from './cloudformation-table.ts'
import type { StartingPosition, StreamCursor } from './stream-cursor.ts'

/** Carries out an operation as the wire would; binary values are base64 text. Throws an `AwsError`. */
export type Call = (operation: string, input: Record<string, unknown>) => Promise<Record<string, unknown>>

export interface ProvidedTable {
  tableName: string
  tableArn: string
  streamArn?: string
}

/** DynamoDB and DynamoDB Streams. */
export interface DynamoDb {
  /** Answers one HTTP request of either service. */
  handle: Handle
  call: Call
  /** Creates the table or brings it up to date, as CloudFormation would; `properties` holds the TableName. */
  createTable(properties: TableProperties): Promise<ProvidedTable>
  openStream(streamArn: string, start: StartingPosition): StreamCursor
  close(): Promise<void>
}
