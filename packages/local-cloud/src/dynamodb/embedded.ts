import { AwsError } from '../aws-error.ts'
import type { Clock } from '../clock.ts'
import type { Identity } from '../service.ts'
import type { Call, DynamoDb } from './contract.ts'
import { asAwsError } from './errors.ts'
import { operations } from './operations/index.ts'
import { serve } from './protocol.ts'
import { provideTable } from './provide-table.ts'
import { openCursor } from './stream-cursor.ts'
import { Tables } from './tables.ts'
import { startSweeping } from './time-to-live.ts'

export interface EmbeddedSettings {
  clock: Clock
  identity: Identity
  path?: string
}

const READS = /^(Get|BatchGet|TransactGet|Query|Scan|Describe|List)/

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
      if (!READS.test(name)) await tables.writable()
      return await operation(tables, input)
    } catch (error) {
      throw asAwsError(error)
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

function unknownOperation(name: string): AwsError {
  const known = Object.keys(operations).sort().join(', ')
  return new AwsError('UnknownOperationException', 400, `${name} is not emulated; there are: ${known}`)
}
