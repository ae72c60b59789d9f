import type { Clock } from '../clock.ts'
import type { DynamoDb } from './dynamodb.ts'
import { DynamoDbError, toDynamoDbError } from './errors.ts'
import { type Call, serve } from './http.ts'
import { operations } from './operations/index.ts'
import { provideTable } from './provide-table.ts'
import { openCursor } from './stream-cursor.ts'
import { type Identity, Tables } from './tables.ts'
import { startSweeping } from './time-to-live.ts'

export interface EmbeddedSettings {
  clock: Clock
  identity: Identity
  path?: string
}

/** DynamoDB in this process: dynalite's operations on our own tables. */
export function createEmbedded({ clock, identity, path }: EmbeddedSettings): DynamoDb {
  const tables = new Tables(clock, identity, path)
  const loading = tables.load()
  // Whoever uses the tables first gets the failure; until then it must not end the process.
  loading.catch(() => {})
  const stopSweeping = startSweeping(tables)

  const call: Call = async (name, input) => {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (!operation) throw unknownOperation(name)
    await loading
    try {
      return await operation(tables, input)
    } catch (error) {
      throw toDynamoDbError(error)
    }
  }

  return {
    call,
    handle: serve(call, identity.region),
    async createTable(properties) {
      await loading
      return provideTable(tables, properties)
    },
    openStream(streamArn, start) {
      const log = tables.logs.get(streamArn)
      if (!log)
        throw new Error(`There is no stream ${streamArn}; there are: ${[...tables.logs.keys()].join(', ') || 'none'}`)
      return openCursor(log, start, identity.region)
    },
    async close() {
      stopSweeping()
      await loading.catch(() => {})
      await tables.close()
    },
  }
}

function unknownOperation(name: string): DynamoDbError {
  return new DynamoDbError({
    __type: 'com.amazon.coral.service#UnknownOperationException',
    message: `${name} is not emulated; there are: ${Object.keys(operations).sort().join(', ')}`,
  })
}
