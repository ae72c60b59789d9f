// Made from graphql/schema.graphql by `npm run generate`: change it there.

/** Subscribers get what a mutation selects, and null for the rest: so all of it. */
export const jobFields = `id uid owner queryType status requestData resultData resultPreview
  error { code message remediation retryable details } progress progressMessage partialResult
  attempt maxAttempts priority sessionId runAt deadline timeoutSeconds
  usage { inputTokens outputTokens modelId modelLatencyMs } version createdAt updatedAt startedAt
  completedAt ttl omitted`

/** The same of an event. */
export const eventFields = `jobId uid seq owner attempt type data createdAt ttl`
