import type { TableProperties } from './cloudformation-table.ts'
import { createEmbedded, type EmbeddedSettings } from './embedded.ts'
import type { Call, Handle } from './http.ts'
import { createRemote } from './remote.ts'
import type { StartingPosition, StreamCursor } from './stream-cursor.ts'

export { DynamoDbError } from './errors.ts'
export type { StartingPosition, StreamCursor, TableProperties }

export interface ProvidedTable {
  tableName: string
  tableArn: string
  streamArn?: string
}

/** DynamoDB and DynamoDB Streams. */
export interface DynamoDb {
  /** Answers one HTTP request of either service. */
  handle: Handle
  /** Carries out an operation in this process, as the wire would; binary values are base64 text. Throws `DynamoDbError`. */
  call: Call
  /** Creates the table or brings it up to date, as CloudFormation would; `properties` holds the TableName. */
  createTable(properties: TableProperties): Promise<ProvidedTable>
  openStream(streamArn: string, start: StartingPosition): StreamCursor
  close(): Promise<void>
}

export interface DynamoDbSettings extends EmbeddedSettings {
  /** The endpoint of another DynamoDB, such as DynamoDB Local, to use instead of the one in this process. */
  remoteUrl?: string
}

/** In this process (in memory, or in the LevelDB folder `path`), or passed on to `remoteUrl`. */
export function createDynamoDb({ remoteUrl, ...settings }: DynamoDbSettings): DynamoDb {
  return remoteUrl === undefined ? createEmbedded(settings) : createRemote({ ...settings, remoteUrl })
}
