import { type Context, type DynamoDBQueryRequest, util } from '@aws-appsync/utils'
import { pageSize, raiseError } from '../refusals.ts'
import type { ListEventsArguments } from './Query.listAgentJobEvents.ts'

export function request(ctx: Context<ListEventsArguments>): DynamoDBQueryRequest {
  return {
    operation: 'Query',
    query: {
      expression: '#jobId = :jobId AND #seq > :after',
      expressionNames: { '#jobId': 'jobId', '#seq': 'seq' },
      expressionValues: util.dynamodb.toMapValues({ ':jobId': ctx.args.jobId, ':after': ctx.args.after ?? -1 }),
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
