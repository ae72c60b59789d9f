import { describe, expect, test } from 'vitest'
import { sortModelError } from '../../sdk/bedrock/model-failure.ts'

const error = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name, ...more })
const denied = (message: string) => error('AccessDeniedException', message)
const invalid = (message: string) => error('ValidationException', message)
const missing = (message: string) => error('ResourceNotFoundException', message)

/** What becomes of the job: it waits, it spends an attempt, or it fails. */
function kindOf(failure: unknown): string {
  const { name, sparesAttempt } = failure as { name: string; sparesAttempt?: boolean }
  return name === 'PermanentFailure' ? 'fails' : sparesAttempt ? 'waits' : 'retries'
}

/** Texts that accounts got, from issues of public projects. */
const MARKETPLACE =
  'Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions ' +
  '(aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock ' +
  'documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If ' +
  'you recently fixed this issue, try again after 5 minutes.'
const MARKETPLACE_OLDER =
  'Model access is denied due to User: arn:aws:sts::111122223333:assumed-role/run/run is not authorized to perform: ' +
  'aws-marketplace:ViewSubscriptions on resource: * because no identity-based policy allows the ' +
  'aws-marketplace:ViewSubscriptions action. Your AWS Marketplace subscription for this model cannot be completed at this time.'
const USE_CASE =
  'Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before ' +
  'using the model. If you have already filled out the form, try again in 15 minutes.'
const PAYMENT =
  'Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided. Your AWS ' +
  'Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.'
const NO_POLICY =
  'User: arn:aws:sts::111122223333:assumed-role/run/run is not authorized to perform: ' +
  'bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-5-5 ' +
  'because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action'
const SCP =
  'User: arn:aws:sts::111122223333:assumed-role/run/run is not authorized to perform: ' +
  'bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-6-v1 with an ' +
  'explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1'
const DENY =
  'User: arn:aws:sts::111122223333:assumed-role/run/run is not authorized to perform: ' +
  'bedrock:InvokeModelWithResponseStream on resource: x with an explicit deny in an identity-based policy'

describe('access to a model', () => {
  test.each<[what: string, error: Error, kind: string, code: string, way: RegExp]>([
    ['not subscribed', denied(MARKETPLACE), 'waits', 'MODEL_NOT_SUBSCRIBED', /playground.*marketplaceSubscription/s],
    ['not subscribed, older words', denied(MARKETPLACE_OLDER), 'waits', 'MODEL_NOT_SUBSCRIBED', /playground/],
    ['no use case, 404', missing(USE_CASE), 'waits', 'MODEL_USE_CASE_MISSING', /use case form.*15 minutes/s],
    ['no use case, 403', denied(USE_CASE), 'waits', 'MODEL_USE_CASE_MISSING', /use case form/],
    ['no payment', denied(PAYMENT), 'waits', 'MODEL_PAYMENT_METHOD_MISSING', /payment method/],
    ['IAM lags', denied(NO_POLICY), 'waits', 'MODEL_ACCESS_DENIED', /After a deploy.*InvokeModelWithResponseStream/s],
    [
      'not opened',
      denied("You don't have access to the model with the specified model ID."),
      'waits',
      'MODEL_ACCESS_DENIED',
      /playground/,
    ],
    ['an SCP', denied(SCP), 'retries', 'MODEL_DENIED_BY_POLICY', /aws:RequestedRegion is "unspecified"/],
    ['a deny', denied(DENY), 'retries', 'MODEL_DENIED_BY_POLICY', /permissions boundary/],
    ['a restricted account', invalid('Operation not allowed'), 'fails', 'MODEL_ACCOUNT_RESTRICTED', /AWS support/],
    [
      'a restricted account, other words',
      invalid('Your account is not authorized to invoke this API operation.'),
      'fails',
      'MODEL_ACCOUNT_RESTRICTED',
      /Nothing is wrong with the input/,
    ],
    [
      'a reseller',
      denied(
        'Access to this model is not available for channel program accounts. Reach out to your AWS Solution Provider.',
      ),
      'fails',
      'MODEL_ACCOUNT_RESTRICTED',
      /resellers/,
    ],
    ['India', denied('This model is not available for AISPL accounts'), 'fails', 'MODEL_ACCOUNT_RESTRICTED', /AISPL/],
    [
      'a country',
      invalid('Access to Anthropic models is not allowed from unsupported countries, regions, or territories.'),
      'fails',
      'MODEL_ACCOUNT_RESTRICTED',
      /country/,
    ],
    [
      'no quota',
      error('ThrottlingException', 'Too many tokens per day, please wait before trying again.'),
      'waits',
      'MODEL_DAILY_QUOTA',
      /Service Quotas \(a new account may have 0/,
    ],
    [
      'a gateway that names no error',
      error('403', 'Forbidden', { $metadata: { httpStatusCode: 403 } }),
      'waits',
      'MODEL_ACCESS_DENIED',
      /IAM/,
    ],
    ['stale keys', error('ExpiredTokenException', 'expired'), 'fails', 'MODEL_CREDENTIALS_REFUSED', /aws sso login/],
    [
      'a model of the past',
      missing('This model version has reached the end of its life.'),
      'fails',
      'MODEL_RETIRED',
      /modelId/,
    ],
    [
      'a forgotten model',
      missing(
        'Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days.',
      ),
      'fails',
      'MODEL_RETIRED',
      /newer model/,
    ],
  ])('%s: says what is missing, and what becomes of the job', (_what, thrown, kind, code, way) => {
    const failure = sortModelError(thrown, 'm')
    expect(failure).toMatchObject({ code, remediation: expect.stringMatching(way), message: `m: ${thrown.message}` })
    expect(kindOf(failure)).toBe(kind)
    const { retryAfterMs = 0 } = failure as { retryAfterMs?: number }
    if (code.startsWith('MODEL_') && kind !== 'fails') expect(retryAfterMs).toBeGreaterThanOrEqual(60_000)
  })
})

describe('a setting that a model refuses', () => {
  test.each([
    ['`temperature` is deprecated for this model.', /Leave temperature out/],
    ['`temperature` may only be set to 1 when thinking is enabled or in adaptive mode', /Leave temperature out/],
    [
      '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort"',
      /effort/,
    ],
    ["thinking: Input tag 'adaptive' found using 'type' does not match any of the expected tags", /effort/],
    ['Thinking may not be enabled when tool_choice forces tool use.', /cannot be forced/],
    ['The maximum tokens you requested exceeds the model limit of 8192.', /Lower maxTokens/],
  ])('%s', (message, way) => {
    const failure = sortModelError(invalid(message), 'm')
    expect(failure).toMatchObject({ code: 'MODEL_REFUSED_SETTING', remediation: expect.stringMatching(way) })
    expect(kindOf(failure)).toBe('fails')
  })

  test('is looked for where the service refused the request, not in what a model said of itself', () => {
    const failure = sortModelError(error('ModelErrorException', 'temperature of the GPU'), 'm')
    expect(failure).toMatchObject({ code: 'MODEL_FAILED' })
  })
})

describe('a model that is away', () => {
  test.each([
    ['ECONNREFUSED', 'waits', 'MODEL_UNREACHABLE'],
    ['ENOTFOUND', 'waits', 'MODEL_UNREACHABLE'],
    ['EAI_AGAIN', 'waits', 'MODEL_UNREACHABLE'],
    ['ECONNRESET', 'retries', 'MODEL_DISCONNECTED'],
    ['EPIPE', 'retries', 'MODEL_DISCONNECTED'],
  ])('by %s: the job %s', (code, kind, name) => {
    const failure = sortModelError(Object.assign(new Error(code), { code }), 'm')
    expect(failure).toMatchObject({ code: name, remediation: expect.stringContaining('once it is FAILED, retry it') })
    expect(kindOf(failure)).toBe(kind)
  })

  test('by 503: the job waits, unless an answer had begun, which is paid for', () => {
    const away = error('ServiceUnavailableException', 'loading model')
    expect(kindOf(sortModelError(away, 'm'))).toBe('waits')
    expect(kindOf(sortModelError(away, 'm', true))).toBe('retries')
  })

  test('for as long as it says itself', () => {
    const away = error('ThrottlingException', 'slow down', { $response: { headers: { 'retry-after': '7' } } })
    expect(sortModelError(away, 'm')).toMatchObject({ retryAfterMs: 7_000 })
  })
})
