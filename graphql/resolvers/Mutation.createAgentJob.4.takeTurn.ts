import { type Context, type DynamoDBUpdateItemRequest, runtime, util } from '@aws-appsync/utils'
import { SESSION_TTL_SECONDS } from '../../engine/job/due.ts'
import { isoTime, type JobItem } from '../job-item.ts'

/**
 * Puts the new job at the end of its session, before its owner is told of it: so whoever submits one turn after the other
 * has them run in that order. Its dispatch does the same, and both do it once.
 */
export function request(ctx: Context): DynamoDBUpdateItemRequest {
  const { sessionKey } = ctx.stash
  if (!sessionKey) runtime.earlyReturn(ctx.prev.result)
  const { id } = ctx.prev.result
  const now = util.time.nowEpochMilliSeconds()
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ sessionKey }),
    update: {
      expression: 'SET turns = list_append(if_not_exists(turns, :none), :turn), #ttl = :ttl, updatedAt = :now',
      expressionNames: { '#ttl': 'ttl' },
      expressionValues: util.dynamodb.toMapValues({
        ':none': [],
        ':turn': [id],
        ':ttl': util.time.nowEpochSeconds() + SESSION_TTL_SECONDS,
        ':now': isoTime(now),
      }),
    },
    condition: { expression: 'NOT contains(turns, :id)', expressionValues: util.dynamodb.toMapValues({ ':id': id }) },
  }
}

/** The job is accepted, whatever came of this write: what it did not do, the dispatch does. */
export function response(ctx: Context): JobItem {
  return ctx.prev.result
}
