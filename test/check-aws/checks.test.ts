import { compileResolver } from '@agent-jobs/local-cloud/appsync'
import { expect, test } from 'vitest'
import { type Aws, AwsRefusal } from '../../cli/doctor/aws.ts'
import { readDeployedCode } from './deployed-code.ts'
import { checkResolver } from './resolver-check.ts'
import { SAMPLES } from './resolver-contexts.ts'
import { checkSchema } from './schema-check.ts'

type Ask = Aws['ask']
const { codes, schema } = await readDeployedCode()
const aws = (ask: Ask) => ({ region: 'eu-west-1', ask }) as Aws

/** EvaluateCode as AWS answers it, by the local runtime; every caller is one with an API key. */
const evaluateCode: Ask = async ({ path, body }) => {
  expect(path).toBe('/v1/dataplane-evaluatecode')
  const { code, context, function: name } = JSON.parse(body ?? '')
  expect([code.length <= 32_768, context.length <= 28_000]).toEqual([true, true])
  try {
    const authType = 'API Key Authorization'
    const handlers = compileResolver(code, { typeName: 'Query', fieldName: 'x', authType, now: Date.now })
    const evaluationResult = JSON.stringify(handlers[name as 'request' | 'response']?.(JSON.parse(context)) ?? null)
    return JSON.stringify({ evaluationResult, logs: [] })
  } catch (error) {
    // What an API says of util.unauthorized() has the field in it; EvaluateCode says this.
    const message = (error as Error).message.replace(/^Not Authorized to access .*/, 'Unauthorized')
    return JSON.stringify({ error: { message, codeErrors: [] }, logs: [] })
  }
}

test('each code that is deployed has a sample context, and there is no other', () => {
  expect([...codes.keys()].sort()).toEqual(Object.keys(SAMPLES).sort())
})

test.each([...codes])('%s runs with its sample context', async (address, code) => {
  expect(await checkResolver(aws(evaluateCode), address, code)).toMatchObject({ ok: true })
})

test('a code that AWS does not take is told with its place', async () => {
  const error = {
    message: 'The code contains one or more errors.',
    codeErrors: [
      { errorType: 'UNSUPPORTED_SYNTAX_TYPE', value: 'for (;;)', location: { line: 7, column: 3, span: 1 } },
    ],
  }
  const refusing = aws(async () => JSON.stringify({ error }))
  expect(await checkResolver(refusing, 'Query.getAgentJob', 'x')).toMatchObject({
    ok: false,
    came: 'request: The code contains one or more errors.; UNSUPPORTED_SYNTAX_TYPE line 7: for (;;)',
  })
})

/** What Cognito and AppSync answer around one schema; `status` is what becomes of it. */
function schemaService(status: object, but: Record<string, () => string> = {}) {
  const asked: string[] = []
  const states = [{ status: 'PROCESSING' }, status]
  const answers: Record<string, () => string> = {
    'POST CreateUserPool': () => '{"UserPool":{"Id":"eu-west-1_x"}}',
    'POST DeleteUserPool': () => '{}',
    'POST /v1/apis': () => '{"graphqlApi":{"apiId":"a1"}}',
    'POST /v1/apis/a1/schemacreation': () => '{"status":"PROCESSING"}',
    'GET /v1/apis/a1/schemacreation': () => JSON.stringify(states.shift()),
    'DELETE /v1/apis/a1': () => '',
    ...but,
  }
  const ask: Ask = async ({ method, path, headers }) => {
    const question = `${method} ${path ?? headers?.['x-amz-target']?.split('.')[1]}`
    asked.push(question)
    const answer = answers[question]
    if (!answer) throw new Error(`nobody answers ${question}`)
    return answer()
  }
  return { asked, aws: aws(ask) }
}

const CLEARED_AWAY = ['DELETE /v1/apis/a1', 'POST DeleteUserPool']
const DENIED = () => {
  throw new AwsRefusal('AccessDeniedException', 'not authorized')
}

test.each([
  [{ status: 'SUCCESS', details: 'Successfully created schema' }, true, /SUCCESS, Successfully created schema/],
  [{ status: 'FAILED', details: 'Failed to parse schema document' }, false, /FAILED, Failed to parse schema document/],
])('a schema that ends as %j is told, and nothing is left', async (status, ok, came) => {
  const service = schemaService(status)
  expect(await checkSchema(service.aws, schema)).toMatchObject({ ok, came: expect.stringMatching(came) })
  expect(service.asked.slice(-2)).toEqual(CLEARED_AWAY)
})

test('whatever fails, or who stops it, what was made is deleted; what could not be is named', async () => {
  const denied = schemaService({}, { 'POST /v1/apis/a1/schemacreation': DENIED })
  expect(await checkSchema(denied.aws, schema)).toMatchObject({
    ok: false,
    came: expect.stringContaining('AccessDenied'),
  })
  expect(denied.asked.slice(-2)).toEqual(CLEARED_AWAY)

  const stopped = schemaService({ status: 'SUCCESS' })
  await checkSchema(stopped.aws, schema, AbortSignal.abort(new Error('stopped')))
  expect(stopped.asked.slice(-2)).toEqual(CLEARED_AWAY)

  const stuck = schemaService({ status: 'SUCCESS' }, { 'DELETE /v1/apis/a1': DENIED })
  expect(await checkSchema(stuck.aws, schema)).toMatchObject({
    ok: false,
    came: expect.stringContaining('left behind: API a1'),
  })
  expect(stuck.asked.at(-1)).toBe('POST DeleteUserPool')
})
