import { type Context, type DynamoDBQueryRequest, type DynamoDBScanRequest, util } from '@aws-appsync/utils'
import { callerOf } from '../access.ts'
import { pageSize, raiseError } from '../refusals.ts'
import type { ListArguments } from './Query.listAgentJobs.ts'

/** The keys of one owner's jobs, newest first; or whole rows, for those who see all and name no owner. */
export function request(ctx: Context<ListArguments>): DynamoDBQueryRequest | DynamoDBScanRequest {
  const caller = callerOf(ctx)
  const owner = caller.seesAll ? ctx.args.filter?.owner?.eq : caller.sub
  const limit = pageSize(ctx.args.limit, 50, 100)
  const nextToken = ctx.args.nextToken ?? undefined
  if (owner == null) {
    ctx.stash.wholeRows = true
    return { operation: 'Scan', limit, nextToken }
  }
  return {
    operation: 'Query',
    index: 'byOwner',
    query: {
      expression: '#owner = :owner',
      expressionNames: { '#owner': 'owner' },
      expressionValues: util.dynamodb.toMapValues({ ':owner': owner }),
    },
    scanIndexForward: false,
    limit,
    nextToken,
  }
}

export function response(ctx: Context): unknown {
  raiseError(ctx)
  return ctx.result
}
