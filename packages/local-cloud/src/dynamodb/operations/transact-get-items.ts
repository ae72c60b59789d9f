import { validationError } from '../../aws-error.ts'
import { action, type Input, type Output, validate, validation } from '../dynalite.ts'
import type { Tables } from '../tables.ts'
import { runNow } from './item-operations.ts'

const run = action('getItem')
const rules = validation('getItem')

/** All items as they are at one moment: nothing runs between the reads. */
export function transactGetItems(tables: Tables, { TransactItems: items }: Input): Output {
  if (!Array.isArray(items) || items.length < 1 || items.length > 100) {
    throw validationError(
      "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
        'Member must have length less than or equal to 100 and greater than or equal to 1',
    )
  }
  const gets = items.map((item) => {
    if (!item?.Get) throw validationError('TransactItems of TransactGetItems must each contain a Get')
    return validate(item.Get, rules)
  })
  const view = tables.view()
  return { Responses: gets.map((get) => pick(runNow(run, view, get))) }
}

const pick = ({ Item }: Output) => (Item ? { Item } : {})
