import { type Context, type DynamoDBPutItemRequest, util } from '@aws-appsync/utils'
import { callerOf } from '../access.ts'
import type { InputRule } from '../input-rules.ts'
import { type JobItem, jobFromItem } from '../job-item.ts'
import { checkNewJob, type NewJob, newJobItem } from '../new-job.ts'
import { conditionFailed, raiseError, shown } from '../refusals.ts'

/** The agents by name, with what their inputs must be. The bundler writes it here when the stack is synthesized. */
declare const AGENT_INPUT_RULES: Record<string, InputRule[]>

/** Writes the row, and only that: the table's stream has the job run and pushed. */
export function request(ctx: Context<{ input: NewJob }>): DynamoDBPutItemRequest {
  const { input } = ctx.args
  const { sub } = callerOf(ctx)
  checkNewJob(input, AGENT_INPUT_RULES)
  const { id, ...attributes } = newJobItem(input, sub)
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ id }),
    attributeValues: util.dynamodb.toMapValues(attributes),
    condition: { expression: 'attribute_not_exists(#id)', expressionNames: { '#id': 'id' } },
  }
}

export function response(ctx: Context<{ input: NewJob }>): JobItem {
  if (conditionFailed(ctx)) {
    // The same create again, after an answer that got lost: the job that stands is the answer.
    if (ctx.result && (ctx.result.owner ?? undefined) === callerOf(ctx).sub) return jobFromItem(ctx.result)
    util.error(`id ${shown(ctx.args.input.id)} is taken by a job that is not yours: choose another`, 'Conflict')
  }
  raiseError(ctx)
  return jobFromItem(ctx.result)
}
