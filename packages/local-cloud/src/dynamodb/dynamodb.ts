import type { DynamoDb } from './contract.ts'
import { createEmbedded, type EmbeddedSettings } from './embedded.ts'
import { createRemote } from './remote.ts'

export { AwsError } from '../aws-error.ts'
export type { TableProperties } from './cloudformation-table.ts'
export type { DynamoDb, ProvidedTable } from './contract.ts'
export type { StartingPosition, StreamCursor } from './stream-cursor.ts'

export interface DynamoDbSettings extends EmbeddedSettings {
  /** The endpoint of another DynamoDB, such as DynamoDB Local, to use instead of the one in this process. */
  remoteUrl?: string
}

/** In this process (in memory, or in the LevelDB folder `path`), or passed on to `remoteUrl`. */
export function createDynamoDb({ remoteUrl, ...settings }: DynamoDbSettings): DynamoDb {
  return remoteUrl === undefined ? createEmbedded(settings) : createRemote({ ...settings, remoteUrl })
}
