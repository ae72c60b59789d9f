import { type Context, type DynamoDBQueryRequest, util } from '@aws-appsync/utils'
import { jobKey } from '../../engine/job/job-key.ts'
import { pageSize, raiseError } from '../refusals.ts'
import type { ListEventsArguments } from './Query.listAgentJobEvents.ts'

export function request(ctx: Context<ListEventsArguments>): DynamoDBQueryRequest {
  const { id, uid } = ctx.prev.result
  return {
    operation: 'Query',
    query: {
      expression: '#jobKey = :jobKey AND #seq > :after',
      expressionNames: { '#jobKey': 'jobKey', '#seq': 'seq' },
      expressionValues: util.dynamodb.toMapValues({ ':jobKey': jobKey(id, uid), ':after': ctx.args.after ?? -1 }),
    },
    // A worker's own note of where it stands, not news.
    filter: {
      expression: '#type <> :checkpoint',
      expressionNames: { '#type': 'type' },
      expressionValues: util.dynamodb.toMapValues({ ':checkpoint': 'CHECKPOINT' }),
    },
    // A client subscribes, then reads: what was stored before it subscribed must be here.
    consistentRead: true,
    limit: pageSize(ctx.args.limit, 200, 1000),
    nextToken: ctx.args.nextToken ?? undefined,
  }
}

export function response(ctx: Context): unknown {
  raiseError(ctx)
  return { items: ctx.result.items, nextToken: ctx.result.nextToken ?? null }
}
