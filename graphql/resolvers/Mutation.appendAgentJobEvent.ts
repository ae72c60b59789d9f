import { type Context, type DynamoDBPutItemRequest, util } from '@aws-appsync/utils'
import { present } from '../job-item.ts'
import { conditionFailed, raiseError, shown } from '../refusals.ts'

interface AppendArguments {
  input: { jobId: string; seq: number; type: string; data: string }
}

/** Stores the event, and by its answer pushes it: what a subscriber missed can always be read. */
export function request(ctx: Context<AppendArguments>): DynamoDBPutItemRequest {
  const { jobId, seq, ...attributes } = ctx.args.input
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ jobId, seq }),
    attributeValues: util.dynamodb.toMapValues(present(attributes)),
    condition: { expression: 'attribute_not_exists(#jobId)', expressionNames: { '#jobId': 'jobId' } },
  }
}

export function response(ctx: Context<AppendArguments>): unknown {
  if (conditionFailed(ctx)) {
    const { jobId, seq, type, data } = ctx.args.input
    // A worker that did not hear the answer sends the event again, perhaps with a later time.
    if (ctx.result?.type === type && ctx.result.data === data) return ctx.result
    util.error(
      `job ${shown(jobId)} has another event with seq ${shown(seq)}: count on from the last one stored`,
      'Conflict',
    )
  }
  raiseError(ctx)
  return ctx.result
}
