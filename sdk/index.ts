export { defineAgent, defineTool } from './define-agent.ts'
export { type FailureReport, PermanentFailure, RetryLater } from './failures.ts'
