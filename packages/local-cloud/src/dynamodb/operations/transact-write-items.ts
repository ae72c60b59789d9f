import { validationError } from '../../aws-error.ts'
import { action, database, type Input, type Item, type Output, validate, validation } from '../dynalite.ts'
import { asAwsError, type CancellationReason, refusal, tableNotFound } from '../errors.ts'
import type { StoreView } from '../store-view.ts'
import type { Tables } from '../tables.ts'
import { returnsItemOnFailure, runNow, storedItem } from './item-operations.ts'

const kinds = {
  Put: { run: action('putItem'), rules: validation('putItem') },
  Update: { run: action('updateItem'), rules: validation('updateItem') },
  Delete: { run: action('deleteItem'), rules: validation('deleteItem') },
  // It takes what a conditional delete takes, and only looks.
  ConditionCheck: { run: undefined, rules: validation('deleteItem') },
}

interface Step {
  kind: keyof typeof kinds
  input: Input
  returnsItem: boolean
}

/** How long a ClientRequestToken protects from a second execution. */
const tokenMs = 10 * 60 * 1000
const tokens = new WeakMap<Tables, Map<string, { request: string; at: number }>>()

export async function transactWriteItems(tables: Tables, input: Input): Promise<Output> {
  const { ClientRequestToken: token, ...request } = input
  if (isRepeated(tables, token, request)) return {}
  const steps = readSteps(request.TransactItems)
  refuseSameItemTwice(tables, steps)

  // Each step sees the tables as they were; what the steps write lies in one view and is committed only if none fails.
  const view = tables.view()
  const reasons = steps.map((step) => attempt(tables, view, step))
  if (reasons.some(({ Code }) => Code !== 'None')) {
    throw refusal(
      'TransactionCanceledException',
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
      { CancellationReasons: reasons },
    )
  }
  tables.commit(view)
  if (typeof token === 'string') rememberToken(tables, token, request)
  await tables.stored
  return {}
}

function readSteps(items: unknown): Step[] {
  if (!Array.isArray(items) || items.length < 1 || items.length > 100) {
    throw validationError(
      "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
        'Member must have length less than or equal to 100 and greater than or equal to 1',
    )
  }
  return items.map((item: Record<string, Input>) => {
    const [kind, ...others] = Object.keys(item).filter((name) => item[name] != null)
    if (!kind || others.length > 0 || !(kind in kinds)) {
      throw validationError('TransactItems can only contain one of Check, Put, Update or Delete')
    }
    const input = item[kind] as Input
    if (kind === 'ConditionCheck' && !input.ConditionExpression) {
      throw validationError('The ConditionExpression of a ConditionCheck must not be empty')
    }
    const step = kind as Step['kind']
    return { kind: step, input: validate(input, kinds[step].rules), returnsItem: returnsItemOnFailure(input) }
  })
}

function refuseSameItemTwice(tables: Tables, steps: Step[]): void {
  const seen = new Set<string>()
  for (const { input } of steps) {
    const table = tables.byName.get(input.TableName as string)
    if (!table) throw tableNotFound(input.TableName as string)
    const key = table.keyOf((input.Key ?? input.Item) as Item)
    const name = `${input.TableName} ${JSON.stringify(Object.entries(key))}`
    if (seen.has(name)) throw validationError('Transaction request cannot include multiple operations on one item')
    seen.add(name)
  }
}

function attempt(tables: Tables, view: StoreView, { kind, input, returnsItem }: Step): CancellationReason {
  try {
    const { run } = kinds[kind]
    if (run) runNow(run, view, input)
    else checkOnly(tables, input)
    return { Code: 'None' }
  } catch (cause) {
    const error = asAwsError(cause)
    if (error.code === 'ConditionalCheckFailedException') {
      const item = returnsItem ? storedItem(tables, input) : undefined
      return { Code: 'ConditionalCheckFailed', Message: error.message, ...(item && { Item: item }) }
    }
    if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message }
    throw error
  }
}

function checkOnly(tables: Tables, input: Input): void {
  const table = tables.byName.get(input.TableName as string)
  if (!table) throw tableNotFound(input.TableName as string)
  const error = database.validateKey(input.Key as Item, table.description)
  if (error) throw error
  const failed = database.checkConditional(input, storedItem(tables, input))
  if (failed) throw failed
}

function isRepeated(tables: Tables, token: unknown, request: Input): boolean {
  if (typeof token !== 'string') return false
  if (token.length < 1 || token.length > 36) {
    throw validationError(
      `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: ` +
        'Member must have length less than or equal to 36',
    )
  }
  const known = tokens.get(tables)?.get(token)
  if (!known || known.at <= tables.clock.now() - tokenMs) return false
  if (known.request === JSON.stringify(request)) return true
  throw refusal(
    'IdempotentParameterMismatchException',
    'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.',
  )
}

function rememberToken(tables: Tables, token: string, request: Input): void {
  const known = tokens.get(tables) ?? new Map<string, { request: string; at: number }>()
  tokens.set(tables, known)
  const now = tables.clock.now()
  for (const [old, { at }] of known) {
    if (at > now - tokenMs) break // In the order of time: the rest is younger.
    known.delete(old)
  }
  known.delete(token)
  known.set(token, { request: JSON.stringify(request), at: now })
}
