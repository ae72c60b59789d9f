import { type Context, type DynamoDBGetItemRequest, type DynamoDBPutItemRequest, util } from '@aws-appsync/utils'
import { callerOf } from '../access.ts'
import type { InputRule } from '../input-rule.ts'
import { type JobItem, jobFromItem } from '../job-item.ts'
import { checkNewJob, faultOfTimes, type NewJob, newJobItem } from '../new-job.ts'
import { conditionFailed, raiseError, shown } from '../refusals.ts'

/** The agents by name, with what their inputs must be. The bundler writes it here when the stack is synthesized. */
declare const AGENT_INPUT_RULES: Record<string, InputRule[]>

/** Writes the row, and only that: the table's stream has the job run and pushed. */
export function request(ctx: Context<{ input: NewJob }>): DynamoDBPutItemRequest | DynamoDBGetItemRequest {
  const { input } = ctx.args
  const { sub } = callerOf(ctx)
  checkNewJob(input, AGENT_INPUT_RULES)
  const fault = faultOfTimes(input)
  if (fault) return lookForStanding(ctx, fault)
  const { id, ...attributes } = newJobItem(input, sub)
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ id }),
    attributeValues: util.dynamodb.toMapValues(attributes),
    condition: { expression: 'attribute_not_exists(#id)', expressionNames: { '#id': 'id' } },
  }
}

/** Reads instead of writing: the times are past for a new job, but not for one that this very input made before. */
function lookForStanding(ctx: Context<{ input: NewJob }>, fault: string): DynamoDBGetItemRequest {
  const { id } = ctx.args.input
  if (id == null) util.error(fault, 'BadRequest')
  ctx.stash.fault = fault
  return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id }), consistentRead: true }
}

export function response(ctx: Context<{ input: NewJob }>): JobItem {
  if (ctx.stash.fault) {
    raiseError(ctx)
    if (!isOwn(ctx)) util.error(ctx.stash.fault, 'BadRequest')
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

function isOwn(ctx: Context<{ input: NewJob }>): boolean {
  return ctx.result != null && (ctx.result.owner ?? undefined) === callerOf(ctx).sub
}
