import { type Context, type DynamoDBUpdateItemRequest, util } from '@aws-appsync/utils'
import { callerOf, mayChange, maySee } from './access.ts'
import { isoTime, type JobItem, jobFromItem } from './job-item.ts'
import { conditionFailed, raiseError, shown } from './refusals.ts'

export interface JobChange {
  /** The two states in one of which the job must stand. */
  from: [string, string]
  /** Columns by name, and what they become. */
  set: Record<string, unknown>
  /** The same, where the row has none yet. */
  setIfNone: Record<string, unknown>
  remove: string[]
}

/** One write to the job named by the arguments, by whoever may: what every change of a row does is done here. */
export function changeJob(
  ctx: Context<{ id: string }>,
  { from, set, setIfNone, remove }: JobChange,
): DynamoDBUpdateItemRequest {
  const changed: Record<string, unknown> = { ...set, updatedAt: isoTime(util.time.nowEpochMilliSeconds()) }
  const assignments = [
    ...Object.keys(changed).map((column) => `#${column} = :${column}`),
    ...Object.keys(setIfNone).map((column) => `#${column} = if_not_exists(#${column}, :${column})`),
    '#version = if_not_exists(#version, :one) + :one',
  ]
  const expressionNames: Record<string, string> = { '#version': 'version' }
  const expressionValues: Record<string, unknown> = { ':one': 1 }
  const all: Record<string, unknown> = { ...changed, ...setIfNone }
  Object.keys(all).forEach((column) => {
    expressionNames[`#${column}`] = column
    expressionValues[`:${column}`] = all[column]
  })
  remove.forEach((column) => {
    expressionNames[`#${column}`] = column
  })
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ id: ctx.args.id }),
    update: {
      expression: `SET ${assignments.join(', ')} REMOVE ${remove.map((column) => `#${column}`).join(', ')}`,
      expressionNames,
      expressionValues: util.dynamodb.toMapValues(expressionValues),
    },
    condition: mayChange(callerOf(ctx), from[0], from[1]),
  }
}

/** The job after its change; `done` and `from` are words for the refusal. */
export function changedJob(ctx: Context<{ id: string }>, done: string, from: string): JobItem {
  if (conditionFailed(ctx)) {
    const standing = ctx.result as JobItem | null
    if (!standing || !maySee(callerOf(ctx), standing.owner as string | undefined)) {
      util.error(`there is no job ${shown(ctx.args.id)} that you may change`, 'NotFound')
    }
    const status = shown(standing.status)
    util.error(`job ${shown(ctx.args.id)} is ${status}; only a ${from} job can be ${done}`, 'Conflict')
  }
  raiseError(ctx)
  return jobFromItem(ctx.result)
}
