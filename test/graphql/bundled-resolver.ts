import { readdirSync } from 'node:fs'
import { compileResolver, ResolverError } from '@agent-jobs/local-cloud/appsync'
import { z } from 'zod'
import { agents } from '../../agents/index.ts'
import { inputRules, type JsonSchema } from '../../lib/input-rules.ts'
import { bundleResolvers } from '../../lib/resolvers.ts'

export const files = readdirSync('graphql/resolvers')
const rules = Object.fromEntries(
  Object.entries(agents).map(([name, agent]) => [
    name,
    inputRules(z.toJSONSchema(agent.input, { io: 'input' }) as JsonSchema),
  ]),
)
export const codeOf = bundleResolvers(files, rules)

export const NOW = Date.parse('2026-03-01T12:00:00.000Z')
export const ALICE = { sub: 'alice', username: 'alice', groups: null }
export const ADMIN = { sub: 'root', username: 'root', groups: ['admins'] }
export const BACKEND = {
  userArn: 'arn:aws:sts::1:assumed-role/publish',
  cognitoIdentityId: null,
  cognitoIdentityAuthType: null,
}
/** A guest and a signed-in user of an identity pool, whose roles sign with IAM as the backend's do. */
export const GUEST = { ...BACKEND, cognitoIdentityId: 'us-east-1:1', cognitoIdentityAuthType: 'unauthenticated' }
export const FEDERATED = { ...BACKEND, cognitoIdentityId: 'us-east-1:2', cognitoIdentityAuthType: 'authenticated' }
export const CONDITION = { type: 'DynamoDB:ConditionalCheckFailedException', message: 'The conditional request failed' }

export const ENV = {
  AGENT_JOB_TABLE: 'jobs',
  RESULT_TTL_SECONDS: '604800',
  OWNER_LIMITS: JSON.stringify({ openJobs: 6, jobsPerMinute: 4, highPriority: null }),
}

export interface Given {
  args?: Record<string, unknown>
  identity?: object
  result?: unknown
  error?: { type: string; message: string }
  prev?: { result: unknown }
  stash?: Record<string, unknown>
  env?: Record<string, string>
}

/** One resolver, bundled as it is deployed, and the context of one call of it. */
export function resolver(name: string, { identity = ALICE, env: more, ...given }: Given) {
  const { request, response, invocation } = compileResolver(codeOf(`${name}.ts`), {
    typeName: name.split('.')[0],
    fieldName: name.split('.')[1],
    authType: 'userArn' in identity ? 'IAM Authorization' : 'User Pool Authorization',
    now: () => NOW,
  })
  const env = { ...ENV, ...more }
  const ctx = { args: {}, stash: {}, env, identity, ...given }
  // biome-ignore lint/suspicious/noExplicitAny: a request object is what the test looks at
  return { request: () => request(ctx) as any, response: () => response(ctx) as any, invocation, ctx }
}

/** The error that `run` ends with, as a client would see it. */
export function errorOf(run: () => unknown): { errorType: string | null; message: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof ResolverError) return { errorType: error.errorType, message: error.message }
    throw error
  }
  throw new Error('expected an error, got none')
}

/** A row as a request object writes it, without DynamoDB's type tags. */
export function plain(values: Record<string, Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Object.values(value)[0]]))
}
