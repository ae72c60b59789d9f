import { dynamodb } from './dynamodb.ts'
import { filterExpression } from './filter-expression.ts'
import { ResolverError } from './invocation.ts'
import { operations, updateExpression } from './update-expression.ts'

type Options = Record<string, unknown>

/** A request object of `operation` with the options that are given; null counts as not given. */
function requestObject(
  operation: string,
  options: Options,
  writers: Record<string, (value: never) => unknown>,
): Options {
  const request: Options = { operation }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue
    const write = writers[name]
    if (name === 'item') request.attributeValues = dynamodb.toMapValues(value)
    else request[name] = write ? write(value as never) : value
  }
  return request
}

const mapValues = (value: unknown) => dynamodb.toMapValues(value)

/** Unlike `util.transform`, a request has no `expressionValues` when nothing is bound. */
function expression(filter: unknown): Options | null {
  const written = filterExpression(filter)
  if (!written) return null
  const { expressionValues, ...rest } = written
  return Object.keys(expressionValues).length > 0 ? { ...rest, expressionValues } : rest
}

/** Paths as a projection expression; each segment gets one alias, whichever path it stands in. */
function projectionExpression(paths: string[]): { expression: string; expressionNames: Record<string, string> } {
  const aliases = new Map<string, string>()
  const alias = (segment: string) => {
    const known = aliases.get(segment) ?? `#expName_${aliases.size + 1}`
    aliases.set(segment, known)
    return known
  }
  const expression = paths.map((path) => path.split('.').map(alias).join('.')).join(', ')
  return { expression, expressionNames: Object.fromEntries([...aliases].map(([name, short]) => [short, name])) }
}

const READS = {
  key: mapValues,
  query: expression,
  filter: expression,
  condition: expression,
  projection: projectionExpression,
}

const WRITES = { key: mapValues, condition: expression, update: updateExpression }

const mapTables = (tables: Options, write: (table: never) => unknown): Options =>
  Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, write(table as never)]))

const TRANSACTIONS: Record<string, string> = {
  putItem: 'PutItem',
  updateItem: 'UpdateItem',
  deleteItem: 'DeleteItem',
  conditionCheck: 'ConditionCheck',
}

function transactItem(item: Options): Options {
  const [kind, options] = Object.entries(item)[0] ?? ['nothing', {}]
  const operation = TRANSACTIONS[kind]
  if (!operation) {
    throw new ResolverError(
      `transactWrite: an item is one of ${Object.keys(TRANSACTIONS).join(', ')}, got ${kind}`,
      'Code',
    )
  }
  const { table, ...rest } = options as Options
  return { table, ...requestObject(operation, rest, WRITES) }
}

function batchTable({ keys, ...rest }: { keys: unknown[] }): Options {
  const { operation: _, ...table } = requestObject('', { keys: keys.map(mapValues), ...rest }, READS)
  return table
}

const mapList = (list: unknown[]) => list.map(mapValues)

/** The exports of `@aws-appsync/utils/dynamodb`. */
export const dynamodbModule = Object.freeze({
  get: (options: Options) => requestObject('GetItem', options, READS),
  put: (options: Options) => requestObject('PutItem', options, WRITES),
  remove: (options: Options) => requestObject('DeleteItem', options, WRITES),
  update: (options: Options) => requestObject('UpdateItem', options, WRITES),
  query: (options: Options) => requestObject('Query', options, READS),
  scan: (options: Options) => requestObject('Scan', options, READS),
  sync: (options: Options) => requestObject('Sync', options, READS),
  batchGet: ({ tables }: { tables: Options }) => ({ operation: 'BatchGetItem', tables: mapTables(tables, batchTable) }),
  batchPut: ({ tables }: { tables: Options }) => ({ operation: 'BatchPutItem', tables: mapTables(tables, mapList) }),
  batchDelete: ({ tables }: { tables: Options }) => ({
    operation: 'BatchDeleteItem',
    tables: mapTables(tables, mapList),
  }),
  transactGet: ({ items }: { items: Options[] }) => ({
    operation: 'TransactGetItems',
    transactItems: items.map(({ table, ...rest }) => {
      const { operation: _, ...item } = requestObject('', rest, READS)
      return { table, ...item }
    }),
  }),
  transactWrite: ({ items }: { items: Options[] }) => ({
    operation: 'TransactWriteItems',
    transactItems: items.map(transactItem),
  }),
  toStringSet: dynamodb.toStringSet,
  toNumberSet: dynamodb.toNumberSet,
  toBinarySet: dynamodb.toBinarySet,
  operations,
})
