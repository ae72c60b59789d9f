// Made from graphql/schema.graphql by `npm run generate`: change it there.

/** Every field of a job, as a selection. */
export const jobFields = `id uid owner queryType status requestData resultData resultPreview
  error { code message remediation retryable details } progress progressMessage partialResult
  attempt maxAttempts priority sessionId runAt deadline timeoutSeconds
  usage { inputTokens outputTokens modelId modelLatencyMs } version createdAt updatedAt startedAt
  completedAt ttl omitted`
