import { type Context, type DynamoDBGetItemRequest, type DynamoDBPutItemRequest, util } from '@aws-appsync/utils'
import { callerOf } from '../access.ts'
import { type JobItem, jobFromItem } from '../job-item.ts'
import { type NewJob, newJobItem } from '../new-job.ts'
import type { Refusal } from '../owner-limits.ts'
import { conditionFailed, raiseError, shown } from '../refusals.ts'

/** Writes the row, and only that: the table's stream has the job run and pushed. */
export function request(ctx: Context<{ input: NewJob }>): DynamoDBPutItemRequest | DynamoDBGetItemRequest {
  if (ctx.stash.refusal) return lookForStanding(ctx)
  const { id, ...attributes } = newJobItem(ctx.args.input, callerOf(ctx))
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ id }),
    attributeValues: util.dynamodb.toMapValues(attributes),
    condition: { expression: 'attribute_not_exists(#id)', expressionNames: { '#id': 'id' } },
  }
}

/** Reads instead of writing: what is refused to a new job is not refused to one that this very input made before. */
function lookForStanding(ctx: Context<{ input: NewJob }>): DynamoDBGetItemRequest {
  const { id } = ctx.args.input
  if (id == null) refuse(ctx.stash.refusal)
  return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id }), consistentRead: true }
}

export function response(ctx: Context<{ input: NewJob }>): JobItem {
  if (ctx.stash.refusal) {
    raiseError(ctx)
    if (!isOwn(ctx)) refuse(ctx.stash.refusal)
    return jobFromItem(ctx.result)
  }
  if (conditionFailed(ctx)) {
    // The same create again, after an answer that got lost: the job that stands is the answer.
    if (isOwn(ctx)) return jobFromItem(ctx.result)
    util.error(`id ${shown(ctx.args.input.id)} is taken by a job that is not yours: choose another`, 'Conflict')
  }
  raiseError(ctx)
  // Of a new job alone: one that stands has its place in its session, or is over.
  ctx.stash.sessionKey = ctx.result.sessionKey
  return jobFromItem(ctx.result)
}

function refuse({ message, errorType }: Refusal): void {
  util.error(message, errorType)
}

function isOwn(ctx: Context<{ input: NewJob }>): boolean {
  return ctx.result != null && ctx.result.owner === callerOf(ctx).sub
}
