/** The API's types as a client reads them; graphql/schema.graphql says what each field means. */
export interface AgentJob {
  id: string
  owner?: string | null
  queryType: string
  status: JobStatus
  requestData?: string | null
  resultData?: string | null
  resultPreview?: string | null
  error?: JobError | null
  progress?: number | null
  progressMessage?: string | null
  partialResult?: string | null
  attempt?: number | null
  maxAttempts?: number | null
  priority?: JobPriority | null
  sessionId?: string | null
  runAt?: string | null
  deadline?: string | null
  timeoutSeconds?: number | null
  usage?: JobUsage | null
  version: number
  createdAt?: string | null
  updatedAt?: string | null
  startedAt?: string | null
  completedAt?: string | null
  ttl?: number | null
  omitted?: string[] | null
}

export type JobStatus = 'PENDING' | 'PROCESSING' | 'COMPLETE' | 'FAILED' | 'CANCELLED'

export type JobPriority = 'HIGH' | 'NORMAL' | 'LOW'

export interface JobError {
  code: string
  message: string
  remediation: string
  retryable: boolean
  details?: string | null
}

export interface JobUsage {
  inputTokens?: number | null
  outputTokens?: number | null
  modelId?: string | null
  modelLatencyMs?: number | null
}

export interface AgentJobEvent {
  jobId: string
  seq: number
  owner?: string | null
  attempt: number
  type: JobEventType
  data: string
  createdAt: string
  ttl?: number | null
}

export type JobEventType = 'TEXT' | 'PROGRESS' | 'TOOL_CALL' | 'TOOL_RESULT' | 'LOG'

export interface CreateAgentJobInput {
  id?: string
  queryType: string
  requestData: string
  priority?: JobPriority
  sessionId?: string
  runAt?: string
  deadline?: string
  timeoutSeconds?: number
  maxAttempts?: number
  ttl?: number
}
