/**
 * What a front end imports of Agent Jobs. It goes through aws-amplify, configured with `amplify_outputs.json`, runs in any
 * browser, and asks for nothing of Node.
 */

/** Types for Amplify's own client: `generateClient<Schema>()`. */
export type { Schema } from './amplify-schema.ts'
/** When a job needs no more looking at. */
export { endStatuses, isOver } from './is-over.ts'
/** The laptop's cloud instead of AWS. */
export { type LibraryOptions, type LocalOutputs, type LocalUser, localCloud } from './local-cloud.ts'
/** What the API gives and takes. */
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
/** A job from its submission to its end, as an async iterator. */
export { type SubmitOptions, submitJob } from './submit-job.ts'
/** Any subscription of the API, and when it stands. */
export { type GraphQLClient, type SubscribeHandlers, type Subscription, subscribe } from './subscribe.ts'
