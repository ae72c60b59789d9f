import type { Context } from '@aws-appsync/utils'
import { callerOf } from '../access.ts'
import type { InputRule } from '../input-rule.ts'
import type { JobItem } from '../job-item.ts'
import { checkNewJob, faultOfTimes, type NewJob } from '../new-job.ts'
import { checkPriority } from '../owner-limits.ts'

/** The agents by name, with what their inputs must be. The bundler writes it here when the stack is synthesized. */
declare const AGENT_INPUT_RULES: Record<string, InputRule[]>

/**
 * Refuses what could never be a job. What is only refused now (its times are past, its owner has enough) may be the repeat of
 * a create that was taken: `refusal` goes with the request until the standing job was looked for.
 */
export function request(ctx: Context<{ input: NewJob }>): Record<string, never> {
  const { input } = ctx.args
  const caller = callerOf(ctx)
  checkNewJob(input, AGENT_INPUT_RULES)
  checkPriority(ctx, caller, input.priority)
  const fault = faultOfTimes(input)
  if (fault) ctx.stash.refusal = { errorType: 'BadRequest', message: fault }
  return {}
}

export function response(ctx: Context): JobItem {
  return ctx.prev.result
}
