import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type Check, type DoctorOptions, examine } from '../../cli/doctor/examine.ts'
import { DEFAULT_MODEL_ID } from '../../lib/model-access.ts'
import {
  type Answer,
  availability,
  concurrency,
  json,
  jsonError,
  type Question,
  restError,
  startFakeAws,
  stream,
  xmlError,
} from './fake-aws.ts'

const MODEL = DEFAULT_MODEL_ID
const ENV = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
}
beforeEach(() => {
  vi.unstubAllEnvs()
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value)
})

async function checks(but: Partial<Record<Question, Answer>> = {}, options: Partial<DoctorOptions> = {}) {
  await using aws = await startFakeAws(but)
  const made: Check[] = []
  const defaults = { region: 'eu-west-1', endpoint: aws.url, model: MODEL, maxConcurrency: 2 }
  for await (const check of examine({ ...defaults, ...options })) made.push(check)
  return { made, asked: aws.asked, bad: made.filter(({ ok }) => !ok) }
}

test('an account where all is well passes each check, and is told what was found', async () => {
  const { made } = await checks()
  expect(made.map(({ check, ok, wayOut }) => [check, ok, wayOut])).toEqual(
    ['region', 'credentials', 'bootstrap', 'concurrency', 'model', 'converse'].map((check) => [check, true, undefined]),
  )
  const came = made.map((check) => check.came)
  expect(came[1]).toBe('arn:aws:iam::111122223333:user/dev')
  expect(came[2]).toBe('version 30 in eu-west-1')
  expect(came[5]).toMatch(/ended with tool_use after \d+ ms, 110 tokens/)
})

describe('each fault is told with what came and the way out:', () => {
  const denied = (what: string) => restError(403, 'AccessDeniedException', what)
  const refused = (message: string) => restError(400, 'ValidationException', message)
  test.each<[Question, Answer, string, RegExp, RegExp]>([
    [
      'sts',
      xmlError(403, 'ExpiredToken', 'The token is expired'),
      'credentials',
      /ExpiredToken: The token/,
      /aws sso login/,
    ],
    [
      'sts',
      xmlError(403, 'InvalidClientTokenId', 'The token is invalid'),
      'credentials',
      /InvalidClient/,
      /fresh keys/,
    ],
    ['sts', { status: 200, body: '<html>' }, 'credentials', /without an identity/, /--endpoint/],
    ['ssm', jsonError('ParameterNotFound', ''), 'bootstrap', /eu-west-1 is not bootstrapped/, /npx cdk bootstrap/],
    ['ssm', json({ Parameter: { Value: '3' } }), 'bootstrap', /version 3 .* at least 6/, /npx cdk bootstrap/],
    [
      'ssm',
      jsonError('AccessDeniedException', 'no ssm:GetParameter'),
      'bootstrap',
      /no ssm:GetP/,
      /what the message names/,
    ],
    ['lambda', concurrency(1000, 5), 'concurrency', /5 of them unreserved/, /1,000 in Service Quotas .*L-B99A9384/],
    ['lambda', restError(429, 'TooManyRequestsException', 'Rate exceeded'), 'concurrency', /Rate exceeded/, /Quotas/],
    ['profile', restError(404, 'ResourceNotFoundException', 'no such model profile'), 'model', /no such/, /--model/],
    ['profile', json({ status: 'FAILED' }), 'model', /is FAILED/, /--model/],
    [
      'availability',
      availability({ authorizationStatus: 'NOT_AUTHORIZED' }),
      'model',
      /NOT_AUTHORIZED/,
      /\(SCP\).*"unspecified"/,
    ],
    [
      'availability',
      availability({ agreementAvailability: { status: 'NOT_AVAILABLE' } }),
      'model',
      /agreement NOT/,
      /Subscribe/,
    ],
    [
      'availability',
      availability({ entitlementAvailability: 'NOT_AVAILABLE' }),
      'model',
      /entitlement NOT/,
      /use case form/,
    ],
    [
      'converse',
      restError(404, 'ResourceNotFoundException', 'Model use case details have not been submitted for this account.'),
      'converse',
      /ResourceNotFoundException: Model use case/,
      /use case form \(once per account\)/,
    ],
    [
      'converse',
      denied(
        'Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions',
      ),
      'converse',
      /Marketplace actions/,
      /aws-marketplace:Subscribe/,
    ],
    ['converse', denied('… with an explicit deny in a service control policy'), 'converse', /explicit deny/, /\(SCP\)/],
    [
      'converse',
      denied('User is not authorized to perform: bedrock:Invoke…'),
      'converse',
      /not authorized/,
      /the message names/,
    ],
    ['converse', refused('Operation not allowed'), 'converse', /Operation not allowed/, /quota of 0.*AWS support/],
    ['converse', refused('on-demand throughput isn’t supported'), 'converse', /on-demand/, /"global\." before its id/],
    [
      'converse',
      refused('The provided model identifier is invalid.'),
      'converse',
      /identifier is/,
      /Name a model of this/,
    ],
    [
      'converse',
      refused('toolChoice.tool is not supported by this model'),
      'converse',
      /toolChoice/,
      /no forced tool call/,
    ],
    [
      'converse',
      restError(429, 'ThrottlingException', 'Too many tokens'),
      'converse',
      /Too many tokens/,
      /Service Quotas/,
    ],
    [
      'converse',
      stream({ messageStop: { stopReason: 'end_turn' } }),
      'converse',
      /without a call of the tool/,
      /forced/,
    ],
    ['converse', stream({ messageStart: { role: 'assistant' } }), 'converse', /broke off/, /Try again/],
  ])('%s %j', async (question, answer, check, came, wayOut) => {
    const { bad } = await checks({ [question]: answer })
    expect(bad).toEqual([
      { check, ok: false, came: expect.stringMatching(came), wayOut: expect.stringMatching(wayOut) },
    ])
    expect(bad[0]?.came).not.toContain('\n')
  })

  test('no region', async () => {
    const { made, asked } = await checks({}, { region: undefined })
    expect(made).toEqual([
      {
        check: 'region',
        ok: false,
        came: expect.stringMatching(/Region is missing/),
        wayOut: expect.stringMatching(/--region/),
      },
    ])
    expect(asked).toEqual([])
  })

  test('no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
    const { made, bad } = await checks()
    expect(made).toHaveLength(2)
    expect(bad[0]).toMatchObject({ check: 'credentials', wayOut: expect.stringMatching(/aws sso login/) })
  })

  test('nobody there', async () => {
    const { bad } = await checks({}, { endpoint: 'http://127.0.0.1:9' })
    expect(bad[0]).toMatchObject({ check: 'credentials', wayOut: expect.stringMatching(/Look at the network/) })
  })
})

test('a new account is enough for two jobs a queue, and for no more', async () => {
  expect((await checks({ lambda: concurrency(10) })).bad).toEqual([])
  const { bad } = await checks({ lambda: concurrency(10) }, { maxConcurrency: 3 })
  expect(bad).toMatchObject([{ check: 'concurrency', came: expect.stringMatching(/^10 concurrent Lambdas/) }])
})

test('a model is looked up by its own id; one of the region, without a profile, must be there', async () => {
  const model = 'amazon.nova-lite-v1:0'
  const { asked } = await checks({}, { model })
  expect(asked).toContain('GET /foundation-model-availability/amazon.nova-lite-v1%3A0')
  expect(asked.filter((line) => line.includes('inference-profiles'))).toEqual([])
  const elsewhere = availability({ regionAvailability: 'NOT_AVAILABLE' })
  expect((await checks({ availability: elsewhere }, { model })).bad).toMatchObject([{ check: 'model' }])
  expect((await checks({ availability: elsewhere })).bad).toEqual([])
})

test('an application inference profile is looked up by its ARN, and its model by what it fronts', async () => {
  const model = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3'
  const { bad, asked } = await checks({}, { model })
  expect(bad).toEqual([])
  expect(asked).toContain(`GET /inference-profiles/${encodeURIComponent(model)}`)
  expect(asked).toContain('GET /foundation-model-availability/anthropic.claude-haiku-5-5')
})
