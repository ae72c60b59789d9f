import { Stack } from 'aws-cdk-lib'
import { type IPrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'

/** AppSync, on behalf of an API of this account and region only: that of `apiId`, or, as a role may be older than it, any. */
export function appSyncOf(scope: Construct, apiId = '*'): IPrincipal {
  return behalfOf(scope, 'appsync.amazonaws.com', { service: 'appsync', resource: 'apis', resourceName: apiId })
}

/** The scheduler, on behalf of the schedules of one group; it names no single schedule when it takes a role. */
export function schedulerOf(scope: Construct, group: string): IPrincipal {
  const arn = { service: 'scheduler', resource: 'schedule-group', resourceName: group }
  return behalfOf(scope, 'scheduler.amazonaws.com', arn)
}

/** A service takes a role for whoever names it: without these conditions, for another account's resource as well. */
function behalfOf(
  scope: Construct,
  service: string,
  arn: { service: string; resource: string; resourceName: string },
): IPrincipal {
  const stack = Stack.of(scope)
  return new ServicePrincipal(service, {
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': stack.formatArn(arn) },
    },
  })
}
