import { PermanentFailure } from './failures.ts'
import type { ConverseReply } from './model.ts'

interface Stop {
  code: string
  message(agent: string, maxTokens: number | undefined, modelId: string): string
  remediation(agent: string): string
}

const refused = (code: string, why: string, remediation: string): Stop => ({
  code,
  message: (agent, _maxTokens, modelId) => `${modelId} gave no answer to ${agent}: ${why}.`,
  remediation: () => remediation,
})

const malformed = (what: string): Stop =>
  refused(
    'MODEL_OUTPUT_MALFORMED',
    `it wrote ${what} that Bedrock could not read`,
    'Retry the job, or set a model that is better at tool calls.',
  )

/** The ends of an answer after which there is none, and asking again would only be paid again. */
const STOPS: Record<string, Stop> = {
  max_tokens: {
    code: 'OUTPUT_TOO_LONG',
    message: (agent, maxTokens, modelId) =>
      `${modelId} reached ${maxTokens ?? 'its limit of'} output tokens, thoughts included, before the answer of ${agent} was complete.`,
    remediation: (agent) =>
      `Give the job less to answer, lower the effort of agent ${agent}, or raise its maxTokens as far as the model allows.`,
  },
  model_context_window_exceeded: {
    code: 'INPUT_TOO_LONG',
    message: (agent, _maxTokens, modelId) =>
      `The input of ${agent} does not fit into the context window of ${modelId}.`,
    remediation: () => 'Submit a smaller input, or set a model with a larger context window.',
  },
  refusal: refused('MODEL_REFUSED', 'it declined to', 'Rephrase the input, or set another model: this one will not.'),
  content_filtered: refused(
    'CONTENT_FILTERED',
    'the content filter of its provider withheld it',
    'Rephrase the input, or set another model.',
  ),
  guardrail_intervened: refused(
    'GUARDRAIL_INTERVENED',
    "a guardrail of the model's account withheld it",
    'Rephrase the input, or look at the guardrail in the Bedrock console.',
  ),
  malformed_model_output: malformed('an answer'),
  malformed_tool_use: malformed('a call of a tool'),
}

/** Throws when the answer ended in a way that leaves nothing to go on with. A stop reason that nobody knows yet is let through. */
export function checkStop(agent: string, { stopReason, modelId }: ConverseReply, maxTokens: number | undefined) {
  const stop = Object.hasOwn(STOPS, stopReason) ? STOPS[stopReason] : undefined
  if (!stop) return
  throw new PermanentFailure({
    code: stop.code,
    message: stop.message(agent, maxTokens, modelId),
    remediation: stop.remediation(agent),
    details: { stopReason, modelId },
  })
}
