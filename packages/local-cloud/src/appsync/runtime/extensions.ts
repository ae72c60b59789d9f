import { current, ResolverError } from './invocation.ts'
import type { SubscriptionFilter } from './subscription-filter.ts'
import { checkSubscriptionFilter } from './subscription-filter-limits.ts'

const MAX_INVALIDATIONS = 5

/** `extensions` of APPSYNC_JS. */
export const extensions = Object.freeze({
  setSubscriptionFilter(filter: SubscriptionFilter | null): void {
    current().subscriptionFilter = checkSubscriptionFilter('setSubscriptionFilter', filter)
  },
  setSubscriptionInvalidationFilter(filter: SubscriptionFilter | null): void {
    current().invalidationFilter = checkSubscriptionFilter('setSubscriptionInvalidationFilter', filter)
  },
  invalidateSubscriptions(request: { subscriptionField: string; payload: Record<string, unknown> }): void {
    const { invalidations } = current()
    if (invalidations.length >= MAX_INVALIDATIONS) {
      throw new ResolverError(
        `extensions.invalidateSubscriptions may be called ${MAX_INVALIDATIONS} times a request`,
        'Code',
      )
    }
    invalidations.push({ subscriptionField: request.subscriptionField, payload: request.payload })
  },
  // There is no cache to evict from here, and the call changes nothing that a caller sees.
  evictFromApiCache(): void {},
})
