import { type Context, type DynamoDBGetItemRequest, util } from '@aws-appsync/utils'
import { callerOf, maySee } from '../access.ts'
import { raiseError, shown } from '../refusals.ts'
import type { ListEventsArguments } from './Query.listAgentJobEvents.ts'

export function request(ctx: Context<ListEventsArguments>): DynamoDBGetItemRequest {
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ id: ctx.args.jobId }),
    // A row put in by hand has its uid from its first claim on: with an older look, its first events would be missed.
    consistentRead: true,
    projection: { expression: '#id, #uid, #owner', expressionNames: { '#id': 'id', '#uid': 'uid', '#owner': 'owner' } },
  }
}

export function response(ctx: Context<ListEventsArguments>): unknown {
  raiseError(ctx)
  if (!ctx.result || !maySee(callerOf(ctx), ctx.result.owner)) {
    util.error(`there is no job ${shown(ctx.args.jobId)} that you may see`, 'NotFound')
  }
  return ctx.result
}
