import { EarlyReturn, type Invocation } from '../runtime/invocation.ts'
import type { Handlers } from './compile.ts'
import type { ResolverContext } from './context.ts'
import { runHandler, runStep, type Step } from './run-step.ts'

/** A pipeline resolver: its own two handlers around a row of functions. */
export interface Pipeline {
  handlers: Handlers
  functions: Step[]
}

function before(pipeline: Pipeline, context: ResolverContext, invocation: Invocation): unknown {
  return pipeline.handlers.request ? runHandler(pipeline.handlers.request, context, invocation) : undefined
}

function after(pipeline: Pipeline, context: ResolverContext, invocation: Invocation): unknown {
  // The resolver's response sees the last value; an error that a function did not raise again is gone by now.
  context.error = undefined
  context.result = context.prev?.result
  if (!pipeline.handlers.response) return context.result
  const value = runHandler(pipeline.handlers.response, context, invocation)
  return value instanceof EarlyReturn ? value.value : value
}

/** resolver request → each function → resolver response. */
export async function runPipeline(
  pipeline: Pipeline,
  context: ResolverContext,
  invocation: Invocation,
): Promise<unknown> {
  const first = before(pipeline, context, invocation)
  if (first instanceof EarlyReturn) {
    context.prev = { result: first.value }
    // NEXT goes on with the first function; otherwise the functions are skipped.
    if (first.skipTo !== 'NEXT') return after(pipeline, context, invocation)
  } else {
    context.prev = { result: first }
  }
  for (const step of pipeline.functions) {
    const value = await runStep(step, context, invocation)
    context.prev = { result: value instanceof EarlyReturn ? value.value : value }
    if (value instanceof EarlyReturn && value.skipTo === 'END') break
  }
  return after(pipeline, context, invocation)
}
