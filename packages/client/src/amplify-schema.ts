import { a, type ClientSchema } from '@aws-amplify/data-schema'

// The models of graphql/schema.graphql once more, in the words of Amplify Data: nothing of it runs, it only gives the
// client its types.
const schema = a
  .schema({
    JobStatus: a.enum(['PENDING', 'PROCESSING', 'COMPLETE', 'FAILED', 'CANCELLED']),
    JobPriority: a.enum(['HIGH', 'NORMAL', 'LOW']),
    JobError: a.customType({
      code: a.string().required(),
      message: a.string().required(),
      remediation: a.string().required(),
      retryable: a.boolean().required(),
      details: a.string(),
    }),
    JobUsage: a.customType({
      inputTokens: a.integer(),
      outputTokens: a.integer(),
      modelId: a.string(),
      modelLatencyMs: a.integer(),
    }),
    AgentJob: a.model({
      owner: a.string(),
      queryType: a.string().required(),
      status: a.ref('JobStatus'),
      requestData: a.string(),
      resultData: a.string(),
      resultPreview: a.string(),
      error: a.ref('JobError'),
      progress: a.float(),
      progressMessage: a.string(),
      partialResult: a.string(),
      attempt: a.integer(),
      maxAttempts: a.integer(),
      priority: a.ref('JobPriority'),
      sessionId: a.string(),
      runAt: a.datetime(),
      deadline: a.datetime(),
      timeoutSeconds: a.integer(),
      usage: a.ref('JobUsage'),
      version: a.integer(),
      startedAt: a.datetime(),
      completedAt: a.datetime(),
      ttl: a.timestamp(),
      omitted: a.string().array(),
    }),
  })
  .authorization((allow) => [allow.owner()])

/** What `generateClient<Schema>()` takes: `client.models.AgentJob` typed from end to end. */
export type Schema = ClientSchema<typeof schema>
