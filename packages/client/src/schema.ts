// Made from graphql/schema.graphql by `npm run generate`: change it there.

export interface AgentJob {
  /** A ULID, or the id the client chose. */
  id: string
  /**
   * Of this very row: a job that takes the id once this one is gone has another. A row put in by hand gets one when it is
   * first taken.
   */
  uid?: string | null
  /** sub of the user who submitted it; null for a job without one, which only admins see. */
  owner?: string | null
  /** Name of the agent that runs it. */
  queryType: string
  status: JobStatus
  /** The input, as JSON text. */
  requestData?: string | null
  /** The answer, as JSON text, once COMPLETE. One over 200 KB is omitted from lists and pushes: getAgentJob has it. */
  resultData?: string | null
  /** The first 1,000 characters or so of an omitted resultData: text to show, no JSON to parse. */
  resultPreview?: string | null
  /** Why it FAILED, or why the last attempt did while it waits for the next. */
  error?: JobError | null
  /** 0 to 1. */
  progress?: number | null
  progressMessage?: string | null
  /** The answer so far, as JSON text; it stays when a job is cancelled or runs out of time. */
  partialResult?: string | null
  /**
   * Attempts begun since the job last got further: 0 before the first, and anew from 1 when a turn is finished that no
   * attempt before had finished.
   */
  attempt?: number | null
  maxAttempts?: number | null
  priority?: JobPriority | null
  /**
   * Jobs of one owner with the same sessionId run one after the other: none begins while an earlier one is not over,
   * whatever that waits for.
   */
  sessionId?: string | null
  /** Not started before this: a delayed start, or the next attempt. */
  runAt?: string | null
  /** A job that has not been started by then ends FAILED with EXPIRED. */
  deadline?: string | null
  timeoutSeconds?: number | null
  usage?: JobUsage | null
  /** +1 with each change. Of two copies of a job the higher version is the newer. */
  version: number
  createdAt?: string | null
  updatedAt?: string | null
  startedAt?: string | null
  completedAt?: string | null
  /** When the row is deleted, in seconds since 1970. */
  ttl?: number | null
  /**
   * Names of fields left out because they are too large here: fetch them by getAgentJob. Named by getAgentJob itself, a
   * field is larger than AppSync can answer with, or no longer kept.
   */
  omitted?: string[] | null
}

export interface JobError {
  /** Stable name such as INVALID_INPUT, MODEL_THROTTLED, TIMEOUT, WORKER_LOST. */
  code: string
  message: string
  /** What to do about it. */
  remediation: string
  /** Whether the same request may succeed later. */
  retryable: boolean
  /** More, as JSON text. */
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
  /** The job's. */
  uid: string
  /** Ascends within a job, with gaps; starts anew at a higher million each time a worker takes the job. */
  seq: number
  owner?: string | null
  attempt: number
  type: JobEventType
  /** JSON text; its shape goes by type. */
  data: string
  createdAt: string
  ttl?: number | null
}

export interface AgentJobEventConnection {
  items: (AgentJobEvent | null)[]
  nextToken?: string | null
}

export interface CreateAgentJobInput {
  /**
   * 1 to 128 characters of A-Z a-z 0-9 _ -; a ULID is made if left out. It is the idempotency key of the create, for as
   * long as the job stands.
   */
  id?: string
  /** Name of an agent. */
  queryType: string
  /** What the agent takes, as JSON text of at most 256 KB. */
  requestData: string
  /** NORMAL if left out. */
  priority?: JobPriority
  /** 1 to 64 characters of A-Z a-z 0-9 _ . : - */
  sessionId?: string
  /** Do not start before this: at most a year from now, and at most a minute ago, as clocks differ. */
  runAt?: string
  /** Give the job up if it has not been started by then: in the future, and after runAt. */
  deadline?: string
  /** 1 to 86400; the agent's own if left out. */
  timeoutSeconds?: number
  /** 1 to 20; the agent's own if left out. */
  maxAttempts?: number
  /** Delete the row then, in seconds since 1970, after runAt; 7 days after the end if left out. */
  ttl?: number
}

export type JobStatus =
  /** Waits to be run. */
  'PENDING' | 'PROCESSING' | 'COMPLETE' | 'FAILED' | 'CANCELLED'

export type JobPriority = 'HIGH' | 'NORMAL' | 'LOW'

export type JobEventType =
  /** { text }: a piece of the answer as the model writes it. */
  | 'TEXT'
  /** { progress, message } */
  | 'PROGRESS'
  /** { toolUseId, name, input } */
  | 'TOOL_CALL'
  /** { toolUseId, output } */
  | 'TOOL_RESULT'
  /** { level, message } */
  | 'LOG'
