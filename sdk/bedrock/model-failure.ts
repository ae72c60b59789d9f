import { PermanentFailure, RetryLater } from '../failures.ts'

interface Fault {
  code: string
  /** 'when free': the model is busy, which is no failure of the job. */
  retry: boolean | 'when free'
  remediation: string
}

const RETRIED = 'The job is tried again by itself.'
const QUOTA = `${RETRIED} If it goes on, ask for a higher quota of the model in Service Quotas, or submit fewer jobs at a time.`
const ACCESS: Fault = {
  code: 'MODEL_ACCESS_DENIED',
  retry: false,
  remediation:
    'Enable access to the model on the Model access page of the Bedrock console (Anthropic models ask for use case details once), ' +
    'and allow bedrock:InvokeModelWithResponseStream on the model and its inference profile for the role that runs jobs.',
}
const CREDENTIALS: Fault = {
  code: 'MODEL_ACCESS_DENIED',
  retry: false,
  remediation: 'Sign in to AWS again (aws sso login, or fresh keys) and submit the job again.',
}

/** What each error name of Bedrock and its SDK means for the job. */
const FAULTS: Record<string, Fault> = {
  ThrottlingException: { code: 'MODEL_THROTTLED', retry: 'when free', remediation: QUOTA },
  ModelNotReadyException: {
    code: 'MODEL_NOT_READY',
    retry: 'when free',
    remediation: `${RETRIED} Bedrock is loading the model.`,
  },
  ServiceUnavailableException: { code: 'MODEL_UNAVAILABLE', retry: true, remediation: RETRIED },
  InternalServerException: { code: 'MODEL_UNAVAILABLE', retry: true, remediation: RETRIED },
  ModelErrorException: { code: 'MODEL_FAILED', retry: true, remediation: RETRIED },
  ModelStreamErrorException: { code: 'MODEL_STREAM_BROKEN', retry: true, remediation: RETRIED },
  ModelTimeoutException: {
    code: 'MODEL_TIMEOUT',
    retry: true,
    remediation: `${RETRIED} A smaller input, or a lower maxTokens, makes the model answer sooner.`,
  },
  AccessDeniedException: ACCESS,
  UnrecognizedClientException: CREDENTIALS,
  ExpiredTokenException: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  CredentialsProviderError: CREDENTIALS,
  ResourceNotFoundException: {
    code: 'MODEL_NOT_FOUND',
    retry: false,
    remediation:
      'Set a model id that `aws bedrock list-foundation-models` or `list-inference-profiles` shows for this region.',
  },
  ServiceQuotaExceededException: {
    code: 'MODEL_QUOTA_EXCEEDED',
    retry: false,
    remediation: 'Ask for a higher quota of the model in Service Quotas, or set another model id.',
  },
  ValidationException: {
    code: 'MODEL_REFUSED_REQUEST',
    retry: false,
    remediation: 'Correct what the message names: the input, the settings of the agent, or the model id.',
  },
}

/** Turns what the Bedrock client threw into the failure that says what the job does next; a bug comes back as it is. */
export function sortModelError(error: unknown, modelId: string): unknown {
  if (!(error instanceof Error)) return error
  const fault = modelIdFault(error) ?? FAULTS[error.name] ?? faultByStatus(error) ?? connectionFault(error)
  if (!fault) return error
  const { code, remediation } = fault
  const report = {
    code,
    message: `${modelId}: ${error.message || error.name}`,
    remediation,
    details: { modelId, error: error.name },
    cause: error,
  }
  if (!fault.retry) return new PermanentFailure(report)
  return new RetryLater({ ...report, retryAfterMs: retryAfterMs(error), sparesAttempt: fault.retry === 'when free' })
}

/** The model began no answer, or stopped in the middle of it, and the connection stays open. */
export function stalledStream(modelId: string, seconds: number): RetryLater {
  return new RetryLater({
    code: 'MODEL_STALLED',
    message: `${modelId}: nothing came for ${seconds} s`,
    remediation: `${RETRIED} If the model may need longer, raise stall.seconds of the agent or STALL_SECONDS of run-job.`,
    details: { modelId, seconds },
  })
}

/** The answer stopped in the middle without an error. */
export function brokenStream(modelId: string): RetryLater {
  return new RetryLater({
    code: 'MODEL_STREAM_BROKEN',
    message: `${modelId}: the answer ended before its stop reason came`,
    remediation: RETRIED,
    details: { modelId },
  })
}

// Bedrock reports a wrong model id as a ValidationException, told apart by its text only.
function modelIdFault({ name, message }: Error): Fault | undefined {
  if (name !== 'ValidationException') return undefined
  if (/on-demand throughput isn.t supported/i.test(message)) {
    return {
      code: 'MODEL_NOT_FOUND',
      retry: false,
      remediation:
        'Set the id of an inference profile of this model, such as the same id with "us." or "eu." before it.',
    }
  }
  return /model identifier is invalid/i.test(message) ? FAULTS.ResourceNotFoundException : undefined
}

function faultByStatus(error: Error): Fault | undefined {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  if (!status || status < 400) return undefined
  if (status === 429) return FAULTS.ThrottlingException
  return status >= 500 || status === 408 ? FAULTS.ServiceUnavailableException : FAULTS.ValidationException
}

// Node names connection faults by code (ECONNRESET, ENOTFOUND, ERR_HTTP2_…), the SDK its own time-outs by name; a
// connection that closes inside a frame shows only in the decoder's message.
function connectionFault(error: Error): Fault | undefined {
  const code = String((error as { code?: unknown }).code ?? '')
  const lost = /^(E[A-Z]+$|ERR_HTTP2_|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_)/.test(code)
  const cut = /^Truncated event message|socket hang up|aborted$/i.test(error.message)
  if (!lost && !cut && error.name !== 'TimeoutError') return undefined
  return {
    code: 'MODEL_UNREACHABLE',
    retry: true,
    remediation: `${RETRIED} If it goes on, look at the network to the model.`,
  }
}

function retryAfterMs(error: Error): number | undefined {
  const response = (error as { $response?: { headers?: Record<string, string> } }).$response
  const seconds = Number(response?.headers?.['retry-after'])
  return seconds > 0 ? seconds * 1000 : undefined
}
