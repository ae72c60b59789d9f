/**
 * What an agent is written with: `import { defineAgent } from 'agent-jobs'`. Nothing here knows who runs it or where, and
 * nothing loads an AWS SDK.
 */

export type {
  Agent,
  AgentBase,
  JobContext,
  PromptAgentDefinition,
  RunAgentDefinition,
  Tool,
  ToolCall,
} from './agent.ts'
// An agent, and the tools that its model may call.
export { defineAgent } from './define-agent.ts'
export { defineTool } from './define-tool.ts'

// How an agent fails: for good, or to be tried again. Any other error is a bug in the agent, and fails its job as one.
export { type FailureReport, PermanentFailure, RetryLater } from './failures.ts'
// The model that `run` finds as `job.model`, in the shapes of Bedrock's Converse API.
export type {
  ContentBlock,
  ConverseReply,
  ConverseRequest,
  Message,
  Model,
  ModelUsage,
  StopReason,
  TextBlock,
  ToolResultBlock,
  ToolSpec,
  ToolUseBlock,
} from './model.ts'
export type { Effort, ModelSettings } from './model-families.ts'
