import { validationError } from '../../aws-error.ts'
import { type Action, action, database, type Input, type Item, type Output, validate, validation } from '../dynalite.ts'
import { asAwsError, refusal } from '../errors.ts'
import type { Operation } from '../operation.ts'
import type { StoreView } from '../store-view.ts'
import type { Tables } from '../tables.ts'

/** The operations that dynalite carries out, on a view of the tables. */
export const itemOperations: Record<string, Operation> = {
  GetItem: read('getItem'),
  BatchGetItem: read('batchGetItem'),
  Query: read('query'),
  Scan: read('scan'),
  PutItem: write('putItem'),
  UpdateItem: write('updateItem'),
  DeleteItem: write('deleteItem'),
  BatchWriteItem: write('batchWriteItem'),
}

function read(name: string): Operation {
  const run = action(name)
  const rules = validation(name)
  return (tables, input) =>
    new Promise((resolve, reject) => {
      run(tables.view(), validate(input, rules), (error, output) => (error ? reject(error) : resolve(output as Output)))
    })
}

function write(name: string): Operation {
  const run = action(name)
  const rules = validation(name)
  return async (tables, input) => {
    const returnsItem = returnsItemOnFailure(input)
    const checked = validate(input, rules)
    const view = tables.view()
    let output: Output
    try {
      output = runNow(run, view, checked)
    } catch (error) {
      throw returnsItem ? withItem(error, tables, checked) : error
    }
    tables.commit(view)
    await tables.stored
    return output
  }
}

/** Runs a writing action, which has no reason to wait for anything on a view. */
export function runNow(run: Action, view: StoreView, input: Input): Output {
  let outcome: { error?: unknown; output?: Output } | undefined
  run(view, input, (error, output) => {
    outcome = { error, output }
  })
  if (!outcome) throw new Error('A write must finish before anything else can come between, and this one has not')
  if (outcome.error) throw outcome.error
  return outcome.output as Output
}

/** Whether the caller wants to see the item that failed its condition. */
export function returnsItemOnFailure({ ReturnValuesOnConditionCheckFailure: wanted = 'NONE' }: Input): boolean {
  if (wanted === 'ALL_OLD' || wanted === 'NONE') return wanted === 'ALL_OLD'
  throw validationError(
    `1 validation error detected: Value '${wanted}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: ` +
      'Member must satisfy enum value set: [ALL_OLD, NONE]',
  )
}

function withItem(error: unknown, tables: Tables, input: Input): unknown {
  const { code, message } = asAwsError(error)
  if (code !== 'ConditionalCheckFailedException') return error
  const item = storedItem(tables, input)
  return item ? refusal(code, message, { Item: item }) : error
}

/** The stored item that a valid Put, Update, Delete or ConditionCheck speaks of. */
export function storedItem(tables: Tables, { TableName, Item, Key = Item }: Input): Item | undefined {
  const table = tables.byName.get(TableName as string)
  const text = table?.items.get(database.createKey(Key as Item, table.description))
  return text === undefined ? undefined : JSON.parse(text)
}
