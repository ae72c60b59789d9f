import type { Aws } from '../../cli/doctor/aws.ts'
import { type Finding, fine, wrong } from '../../cli/doctor/finding.ts'
import { explained } from '../../cli/doctor/ways-out.ts'
import { poll } from '../deploy/poll.ts'

const NAME = 'agent-jobs-check-aws'
const POOL_TARGET = 'AWSCognitoIdentityProviderService'

type Undo = { what: string; run(): Promise<unknown> }[]

/**
 * Gives the schema to a throw-away API with a throw-away user pool, as it names both kinds of caller; deletes them again,
 * however it ends.
 */
export async function checkSchema(aws: Aws, schema: string, signal?: AbortSignal): Promise<Finding> {
  const undo: Undo = []
  const found = await tryOut(aws, schema, undo, signal).catch((error) => ({ ok: false, ...explained(error) }))
  const left = await undoAll(undo)
  if (left.length === 0) return found
  return wrong(`${found.came}; left behind: ${left.join('; ')}`, 'Delete it in the console.')
}

async function tryOut(aws: Aws, schema: string, undo: Undo, signal?: AbortSignal): Promise<Finding> {
  const userPoolId = (await cognito<{ UserPool: { Id: string } }>(aws, 'CreateUserPool', { PoolName: NAME })).UserPool
    .Id
  undo.unshift({
    what: `user pool ${userPoolId}`,
    run: () => cognito(aws, 'DeleteUserPool', { UserPoolId: userPoolId }),
  })
  const { graphqlApi } = await appsync<{ graphqlApi: { apiId: string } }>(aws, 'POST', '/v1/apis', {
    name: NAME,
    authenticationType: 'AMAZON_COGNITO_USER_POOLS',
    userPoolConfig: { userPoolId, awsRegion: aws.region, defaultAction: 'ALLOW' },
    additionalAuthenticationProviders: [{ authenticationType: 'AWS_IAM' }],
  })
  const path = `/v1/apis/${graphqlApi.apiId}`
  undo.unshift({ what: `API ${graphqlApi.apiId}`, run: () => appsync(aws, 'DELETE', path) })
  await appsync(aws, 'POST', `${path}/schemacreation`, { definition: Buffer.from(schema).toString('base64') })
  const { status, details } = await poll('the schema to be taken', 60, async () => {
    signal?.throwIfAborted()
    const state = await appsync<{ status: string; details?: string }>(aws, 'GET', `${path}/schemacreation`)
    return state.status !== 'PROCESSING' && state
  })
  const came = `${schema.length} characters: ${[status, details].filter(Boolean).join(', ')}`
  if (status === 'SUCCESS' || status === 'ACTIVE') return fine(came)
  return wrong(came, 'Mend graphql/schema.graphql, or what lib/schema.ts makes of it.')
}

async function undoAll(undo: Undo): Promise<string[]> {
  const left: string[] = []
  for (const { what, run } of undo) {
    await run().catch((error: Error) => left.push(`${what} (${error.message})`))
  }
  return left
}

async function appsync<T>(aws: Aws, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const text = await aws.ask({ service: 'appsync', method, path, headers, body: body && JSON.stringify(body) })
  return JSON.parse(text || '{}')
}

async function cognito<T>(aws: Aws, operation: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${POOL_TARGET}.${operation}` }
  const text = await aws.ask({ service: 'cognito-idp', method: 'POST', headers, body: JSON.stringify(body) })
  return JSON.parse(text || '{}')
}
