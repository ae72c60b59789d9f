import type {
  Message as BedrockMessage,
  Tool as BedrockTool,
  ConverseStreamCommandInput,
} from '@aws-sdk/client-bedrock-runtime'
import type { ConverseRequest } from '../model.ts'
import { isAnthropic, modelFamily } from '../model-families.ts'

// Bedrock's own default differs by model and is as low as 512 for some: enough for a sentence, not for a plan. What a model
// thinks counts too. Only what is written is paid for, though the quota of tokens per minute is charged with all of it at first.
const MAX_TOKENS = 16_000
const MAX_TOKENS_THINKING = 32_000
/** Of a model that nothing is known about: the least that any of today takes. */
const MAX_TOKENS_UNKNOWN = 4_096

// Without it Claude holds the input of a tool back until it is complete, which may be minutes of silence: and every answer
// of a prompt agent is such an input. Converse has no field for its successor, `eager_input_streaming` of a tool.
const FINE_GRAINED_TOOL_STREAMING = 'fine-grained-tool-streaming-2025-05-14'

/** How many tokens an answer may have at most. */
export function maxTokensOf(modelId: string, { maxTokens, effort = 'none' }: ConverseRequest): number {
  if (maxTokens !== undefined) return maxTokens
  const family = modelFamily(modelId)
  if (!family) return isAnthropic(modelId) ? MAX_TOKENS : MAX_TOKENS_UNKNOWN
  return Math.min(family.maxTokens, effort !== 'none' || family.alwaysThinks ? MAX_TOKENS_THINKING : MAX_TOKENS)
}

/** Whether the flag of fine-grained tool streaming is worth a try. */
export function takesBeta(modelId: string): boolean {
  return isAnthropic(modelId) && !modelFamily(modelId)?.noBeta
}

/** The request in the words of ConverseStream, with what this model takes and without what it refuses. */
export function converseInput(modelId: string, request: ConverseRequest, beta: boolean): ConverseStreamCommandInput {
  const { system, messages, tools, temperature } = request
  const fields = { ...thinkingFields(modelId, request), ...(beta && { anthropic_beta: [FINE_GRAINED_TOOL_STREAMING] }) }
  return {
    modelId,
    messages: messages as BedrockMessage[],
    system: system ? [{ text: system }] : undefined,
    inferenceConfig: { maxTokens: maxTokensOf(modelId, request), temperature },
    toolConfig: tools?.length
      ? {
          tools: tools.map(({ name, description, inputSchema }) => {
            return { toolSpec: { name, description, inputSchema: { json: inputSchema } } } as BedrockTool
          }),
          toolChoice: toolChoiceOf(modelId, request),
        }
      : undefined,
    additionalModelRequestFields: Object.keys(fields).length > 0 ? (fields as Record<string, never>) : undefined,
  }
}

/** An effort that was asked for goes as it is, so that a model that does not know it says so. */
function thinkingFields(modelId: string, { effort = 'none' }: ConverseRequest): Record<string, unknown> {
  if (effort === 'none') return modelFamily(modelId)?.least ?? {}
  return { thinking: { type: 'adaptive' }, output_config: { effort } }
}

/** A model that cannot be forced is asked: the agent's words name the tool too. */
function toolChoiceOf(modelId: string, { toolChoice = 'auto', effort = 'none' }: ConverseRequest) {
  const { forcedTool = 'ever' } = modelFamily(modelId) ?? {}
  const forcible = forcedTool === 'ever' || (forcedTool === 'without thinking' && effort === 'none')
  if (toolChoice === 'auto' || !forcible) return { auto: {} }
  return toolChoice === 'any' ? { any: {} } : { tool: { name: toolChoice.tool } }
}
