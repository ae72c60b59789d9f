// Made from graphql/schema.graphql by `npm run generate`: change it there.

import type { AmplifyCustomType, AmplifyEnum, AmplifyModel, AmplifyOperation } from './amplify-shapes.ts'
import type {
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

/** What `generateClient<Schema>()` takes: `client.models.AgentJob` and the other operations, typed from end to end. */
export interface Schema {
  AgentJob: AmplifyModel<AgentJob, CreateAgentJobInput>
  JobError: AmplifyCustomType<JobError>
  JobUsage: AmplifyCustomType<JobUsage>
  AgentJobEvent: AmplifyCustomType<AgentJobEvent>
  AgentJobEventConnection: AmplifyCustomType<AgentJobEventConnection>
  JobStatus: AmplifyEnum<JobStatus>
  JobPriority: AmplifyEnum<JobPriority>
  JobEventType: AmplifyEnum<JobEventType>
  listAgentJobEvents: AmplifyOperation<
    'Query',
    { jobId: string; after?: number; limit?: number; nextToken?: string },
    AgentJobEventConnection | null
  >
  cancelAgentJob: AmplifyOperation<'Mutation', { id: string }, AgentJob | null>
  retryAgentJob: AmplifyOperation<'Mutation', { id: string }, AgentJob | null>
  onAgentJobEvent: AmplifyOperation<'Subscription', { jobId: string }, AgentJobEvent>
}
