export type { Schema } from './amplify-schema.ts'
export { type LocalUser, localCloud } from './local-cloud.ts'
export type {
  AgentJob,
  AgentJobEvent,
  AgentJobEventConnection,
  CreateAgentJobInput,
  JobError,
  JobEventType,
  JobPriority,
  JobStatus,
  JobUsage,
} from './schema.ts'
export { type SubmitOptions, submitJob } from './submit-job.ts'
export { type Subscription, subscribe } from './subscribe.ts'
