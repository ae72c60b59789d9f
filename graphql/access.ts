import {
  type AppSyncIdentityCognito,
  type AppSyncIdentityIAM,
  type ConditionCheckExpression,
  type Context,
  util,
} from '@aws-appsync/utils'

/** A user: an admin sees everybody's jobs, any other its own. */
export interface Caller {
  sub: string
  seesAll: boolean
  groups: string[]
}

/** Who calls. Whoever comes with no token of the user pool is denied rather than taken for somebody. */
export function callerOf(ctx: Context): Caller {
  const identity = ctx.identity as AppSyncIdentityCognito | null
  if (util.authType() === 'IAM Authorization' || !identity?.sub) return util.unauthorized()
  // AppSync gives null, not [], to a user in no group.
  const groups = identity.groups ?? []
  return { sub: identity.sub, seesAll: groups.indexOf('admins') >= 0, groups }
}

/**
 * Ends the request unless a role of the backend signed it. Roles of an identity pool sign with IAM as well, and Amplify's
 * let browsers and even guests call any field: what they come with says so.
 */
export function checkBackend(ctx: Context): void {
  const identity = ctx.identity as AppSyncIdentityIAM | null
  const isPool = identity?.cognitoIdentityId != null || identity?.cognitoIdentityAuthType != null
  if (util.authType() !== 'IAM Authorization' || isPool) util.unauthorized()
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
