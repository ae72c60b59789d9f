import { type Context, extensions, type SubscriptionFilter, util } from '@aws-appsync/utils'
import { callerOf } from './access.ts'
import { present } from './job-item.ts'
import { shown } from './refusals.ts'

type SubscriptionRule = SubscriptionFilter['filterGroup'][number]['filters'][number]

interface SubscribeArguments {
  filter?: Record<string, unknown> | null
  owner?: string | null
}

// AppSync's limits for one subscription.
const MOST_ALTERNATIVES = 10
const MOST_FIELDS = 5

/**
 * Lets through what the subscriber asks for, of what it may see, and where `always` holds. The owner's rule is put
 * into every alternative by hand: an empty or odd filter must never leave a subscription without it.
 */
export function filterJobs(ctx: Context<SubscribeArguments>, always: SubscriptionRule[]): void {
  const { sub, seesAll } = callerOf(ctx)
  const { owner } = ctx.args
  if (!seesAll && owner != null && owner !== sub) {
    util.error(`owner must be your own sub ${shown(sub)} or left out, got ${shown(owner)}`, 'Unauthorized')
  }
  const visible = seesAll ? owner : sub
  const rules = visible == null ? always : [...always, isEqual('owner', visible)]
  // Clients send null for "no condition".
  const asked = util.transform.toSubscriptionFilter(present(ctx.args.filter ?? {}) as Record<string, never>)
  const alternatives = asked?.filterGroup ?? []
  const filterGroup =
    alternatives.length === 0
      ? [{ filters: rules }]
      : alternatives.map(({ filters }) => ({ filters: [...filters, ...rules] }))
  checkLimits(filterGroup)
  extensions.setSubscriptionFilter({ filterGroup })
}

export function isEqual(fieldName: string, value: string | number): SubscriptionRule {
  return { fieldName, operator: 'eq', value }
}

function checkLimits(groups: { filters: SubscriptionRule[] }[]): void {
  const fields = groups.map(({ filters }) => filters.map(({ fieldName }) => fieldName))
  const widest = fields
    .map((names) => names.filter((name, index) => names.indexOf(name) === index))
    .find((names) => names.length > MOST_FIELDS)
  if (widest) {
    util.error(
      `filter may join at most ${MOST_FIELDS} fields, got ${widest.length}: ${widest.join(', ')}`,
      'BadRequest',
    )
  }
  // AppSync takes each value of an `in` as an alternative of its own.
  const alternatives = groups.reduce((sum, { filters }) => {
    const lists = filters.filter(({ operator }) => operator === 'in').map(({ value }) => (value as unknown[]).length)
    return sum + lists.reduce((product, length) => product * length, 1)
  }, 0)
  if (alternatives > MOST_ALTERNATIVES) {
    util.error(
      `filter may have at most ${MOST_ALTERNATIVES} alternatives (each value of "in" is one), got ${alternatives}`,
      'BadRequest',
    )
  }
}
