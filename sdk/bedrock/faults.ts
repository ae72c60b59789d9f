/** What an error of Bedrock means for the job. */
export interface Fault {
  code: string
  /**
   * `fail`: it would end the same way again. `retry`: an attempt is spent on it. `wait`: nobody failed, the model is busy or
   * somebody has to open a door, so the job waits as long as it may wait for a model.
   */
  next: 'fail' | 'retry' | 'wait'
  remediation: string
  /** Sooner than this there is no use in asking again. */
  retryAfterMs?: number
}

const MINUTE = 60_000

// True while the job waits, and once it has given up.
const RETRIED = 'The job is tried again by itself; once it is FAILED, retry it.'

const QUOTA =
  `${RETRIED} If it goes on, ask for a higher quota of the model in Service Quotas (a new account may have 0 there), ` +
  'or submit fewer jobs at a time.'

const PLAYGROUND =
  'As an admin open the model once in the playground of the Bedrock console, in the region of the stack'

const ACCESS: Fault = {
  code: 'MODEL_ACCESS_DENIED',
  next: 'wait',
  retryAfterMs: MINUTE,
  remediation:
    'After a deploy it takes IAM a minute to know it, and then the job goes on by itself. If it does not: the role of run-job ' +
    'needs bedrock:InvokeModelWithResponseStream on the model and its inference profile, which the stack gives for its ' +
    `modelId (and previousModelIds). ${PLAYGROUND}: that shows whether the account may use it.`,
}

const CREDENTIALS: Fault = {
  code: 'MODEL_CREDENTIALS_REFUSED',
  next: 'fail',
  remediation: 'Sign in to AWS again (aws sso login, or fresh keys) and submit the job again.',
}

const NOT_FOUND: Fault = {
  code: 'MODEL_NOT_FOUND',
  next: 'fail',
  remediation:
    'Set a model id that `aws bedrock list-foundation-models` or `list-inference-profiles` shows for this region.',
}

const RESTRICTED: Fault = {
  code: 'MODEL_ACCOUNT_RESTRICTED',
  next: 'fail',
  remediation:
    'The account may not use this model, or Bedrock at all: AWS holds new accounts back, and resellers, organisations and ' +
    'AISPL accounts (India) have rules of their own. Ask AWS support (account and billing) or the owner of the organisation ' +
    'to open it, or set the modelId of another provider, such as Amazon. Nothing is wrong with the input: retry the job then.',
}

/** What each error name of Bedrock and its SDK means. */
export const FAULTS: Record<string, Fault> = {
  ThrottlingException: { code: 'MODEL_THROTTLED', next: 'wait', remediation: QUOTA },
  ModelNotReadyException: {
    code: 'MODEL_NOT_READY',
    next: 'wait',
    remediation: `${RETRIED} Bedrock is loading the model.`,
  },
  ServiceUnavailableException: {
    code: 'MODEL_UNAVAILABLE',
    next: 'wait',
    remediation: `${RETRIED} If it goes on, look whether the model's server, or Bedrock in this region, is well.`,
  },
  InternalServerException: { code: 'MODEL_UNAVAILABLE', next: 'retry', remediation: RETRIED },
  ModelErrorException: { code: 'MODEL_FAILED', next: 'retry', remediation: RETRIED },
  ModelStreamErrorException: { code: 'MODEL_STREAM_BROKEN', next: 'retry', remediation: RETRIED },
  ModelTimeoutException: {
    code: 'MODEL_TIMEOUT',
    next: 'retry',
    remediation: `${RETRIED} A smaller input, or a lower maxTokens, makes the model answer sooner.`,
  },
  AccessDeniedException: ACCESS,
  UnrecognizedClientException: CREDENTIALS,
  ExpiredTokenException: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  CredentialsProviderError: CREDENTIALS,
  ResourceNotFoundException: NOT_FOUND,
  ServiceQuotaExceededException: {
    code: 'MODEL_QUOTA_EXCEEDED',
    next: 'fail',
    remediation:
      'Ask for a higher quota of the model in Service Quotas (a new account may have 0 there), or set another model id.',
  },
  ValidationException: {
    code: 'MODEL_REFUSED_REQUEST',
    next: 'fail',
    remediation: 'Correct what the message names: the input, the settings of the agent, or the model id.',
  },
}

const setting = (remediation: string): Fault => ({ code: 'MODEL_REFUSED_SETTING', next: 'fail', remediation })

/**
 * What Bedrock tells apart by the text only, most telling first. The texts are those that accounts got, as issues on GitHub
 * quote them. What an admin can mend in minutes is waited for; what only AWS's support can, ends the job.
 */
export const FAULTS_BY_TEXT: [text: RegExp, fault: Fault][] = [
  [
    /use case details/i,
    {
      code: 'MODEL_USE_CASE_MISSING',
      next: 'wait',
      retryAfterMs: 2 * MINUTE,
      remediation:
        'Anthropic asks each account once what it uses the models for. As an admin choose the model in the model catalog of ' +
        'the Bedrock console and fill in the use case form; up to 15 minutes later the job goes on by itself.',
    },
  ],
  [
    /payment[ _]instrument/i,
    {
      code: 'MODEL_PAYMENT_METHOD_MISSING',
      next: 'wait',
      retryAfterMs: 2 * MINUTE,
      remediation:
        'The model is paid through AWS Marketplace. Add a valid payment method to the account (Billing and Cost Management, ' +
        `Payment preferences). ${PLAYGROUND}; the job then goes on by itself.`,
    },
  ],
  [
    /explicit deny in a service control policy/i,
    {
      code: 'MODEL_DENIED_BY_POLICY',
      next: 'retry',
      retryAfterMs: MINUTE,
      remediation:
        "A service control policy of the organisation forbids it. One that denies regions must let Bedrock's requests through " +
        'whose aws:RequestedRegion is "unspecified" (a global. profile) or any region of the geography (us., eu., …); or set ' +
        'the modelId of a profile that stays in the regions that are allowed.',
    },
  ],
  [
    /explicit deny/i,
    {
      code: 'MODEL_DENIED_BY_POLICY',
      next: 'retry',
      retryAfterMs: MINUTE,
      remediation:
        'A policy denies it outright, and no permission goes before that: look for the Deny in the policies of the role of ' +
        'run-job, its permissions boundary, and those of the organisation and of the VPC endpoint.',
    },
  ],
  [
    /aws-marketplace|marketplace subscription|marketplace actions/i,
    {
      code: 'MODEL_NOT_SUBSCRIBED',
      next: 'wait',
      retryAfterMs: 2 * MINUTE,
      remediation:
        'Nobody has used this model in this account yet, and the role of run-job may not subscribe to it in AWS Marketplace. ' +
        `${PLAYGROUND}; or deploy with marketplaceSubscription: true. Up to 15 minutes later the job goes on by itself.`,
    },
  ],
  [/operation not allowed|account is not authorized|AISPL|channel program|not allowed for this account/i, RESTRICTED],
  [
    /unsupported countries|supported-countries/i,
    {
      ...RESTRICTED,
      remediation:
        'The provider does not serve the country of this account or of its caller. Set the modelId of another provider.',
    },
  ],
  [
    /end of its life|marked by provider as legacy/i,
    { ...NOT_FOUND, code: 'MODEL_RETIRED', remediation: 'Set a newer model: the modelId of the stack.' },
  ],
  [
    /on-demand throughput isn.t supported/i,
    {
      ...NOT_FOUND,
      remediation:
        'Set the id of an inference profile of this model, such as the same id with "us." or "eu." before it.',
    },
  ],
  [/model identifier is invalid/i, NOT_FOUND],
  [
    /input is too long|prompt is too long|too many input tokens|exceeds? the (model's )?context/i,
    {
      code: 'INPUT_TOO_LONG',
      next: 'fail',
      remediation: 'Submit a smaller input, or set a model with a larger context window.',
    },
  ],
  [
    /tool_?choice/i,
    setting(
      'This model cannot be forced to call a tool: leave toolChoice out of the request (or "auto"), or set another model.',
    ),
  ],
  [/temperature|top_p|top_k/i, setting('Leave temperature out of the agent, or set a model that takes it.')],
  [
    /thinking|output_config|effort/i,
    setting('Change the effort of the agent, or leave it out: then it is what the model takes. Or set another model.'),
  ],
  [/max_?tokens|maximum tokens/i, setting('Lower maxTokens of the agent to what the message names, or leave it out.')],
]

/** A throttling that does not pass in minutes. */
export const DAILY_QUOTA: [text: RegExp, fault: Fault] = [
  /too many tokens per day/i,
  {
    code: 'MODEL_DAILY_QUOTA',
    next: 'wait',
    retryAfterMs: 5 * MINUTE,
    remediation: `The model's tokens of the day are used up, or the account has none at all. ${QUOTA}`,
  },
]

export const STALLED: Fault = {
  code: 'MODEL_STALLED',
  next: 'retry',
  remediation: `${RETRIED} If the model may need longer, raise stall of the agent, or of the stack (STALL_SECONDS of run-job).`,
}

export const CUT_OFF: Fault = { code: 'MODEL_STREAM_BROKEN', next: 'retry', remediation: RETRIED }

/** Nobody was reached, so nothing was begun: that passes, as it does when a server starts. */
export const UNREACHABLE: Fault = {
  code: 'MODEL_UNREACHABLE',
  next: 'wait',
  remediation: `${RETRIED} If it goes on, look at the network to the model, and whether its server runs.`,
}

export const DISCONNECTED: Fault = { ...UNREACHABLE, code: 'MODEL_DISCONNECTED', next: 'retry' }
