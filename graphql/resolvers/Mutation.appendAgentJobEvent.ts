import { type Context, type DynamoDBPutItemRequest, util } from '@aws-appsync/utils'
import { jobKey } from '../../engine/job/job-key.ts'
import { checkBackend } from '../access.ts'
import { present } from '../job-item.ts'
import { conditionFailed, raiseError, shown } from '../refusals.ts'

interface AppendArguments {
  input: { jobId: string; uid: string; seq: number; type: string; data: string }
}

/** Stores the event, and by its answer pushes it: what a subscriber missed can always be read. */
export function request(ctx: Context<AppendArguments>): DynamoDBPutItemRequest {
  checkBackend(ctx)
  const { seq, ...attributes } = ctx.args.input
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ jobKey: jobKey(attributes.jobId, attributes.uid), seq }),
    attributeValues: util.dynamodb.toMapValues(present(attributes)),
    condition: { expression: 'attribute_not_exists(#seq)', expressionNames: { '#seq': 'seq' } },
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
