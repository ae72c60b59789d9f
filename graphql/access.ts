import { type AppSyncIdentityCognito, type ConditionCheckExpression, type Context, util } from '@aws-appsync/utils'

/** Admins and the backend, which signs with IAM and has no sub, see everybody's jobs; a user sees its own. */
export type Caller = { seesAll: true; sub?: string } | { seesAll: false; sub: string }

/** Who calls. A mode that names no user is denied rather than taken for somebody. */
export function callerOf(ctx: Context): Caller {
  if (util.authType() === 'IAM Authorization') return { seesAll: true }
  const identity = ctx.identity as AppSyncIdentityCognito | null
  if (!identity?.sub) return util.unauthorized()
  // AppSync gives null, not [], to a user in no group.
  return { seesAll: (identity.groups ?? []).indexOf('admins') >= 0, sub: identity.sub }
}

/** Whether the caller may see what `owner` owns. A job without an owner is for those who see all. */
export function maySee(caller: Caller, owner: string | null | undefined): boolean {
  return caller.seesAll || (owner != null && owner === caller.sub)
}

/** Lets a change through only while the job stands in one of two states, and only when the caller may see it. */
export function mayChange({ seesAll, sub }: Caller, one: string, other: string): ConditionCheckExpression {
  const stands = '#is IN (:from, :orFrom)'
  return {
    expression: seesAll ? stands : `#owner = :sub AND ${stands}`,
    expressionNames: seesAll ? { '#is': 'status' } : { '#is': 'status', '#owner': 'owner' },
    expressionValues: util.dynamodb.toMapValues({
      ':from': one,
      ':orFrom': other,
      ...(seesAll ? {} : { ':sub': sub }),
    }),
  }
}
