import type { JobPriority } from '../engine/job/job.ts'
import type { Credentials } from '../engine/push/signed-request.ts'

/** Every setting that the functions read from their environment; each function asks for its own, once. */

export type Environment = Record<string, string | undefined>

export function dispatchSettings(env: Environment) {
  return {
    jobTable: required(env, 'JOB_TABLE'),
    sessionTable: required(env, 'SESSION_TABLE'),
    resultTtlSeconds: whole(env, 'RESULT_TTL_SECONDS'),
    queueUrls: {
      HIGH: required(env, 'QUEUE_URL_HIGH'),
      NORMAL: required(env, 'QUEUE_URL_NORMAL'),
      LOW: required(env, 'QUEUE_URL_LOW'),
    } satisfies QueueUrls,
  }
}
export type QueueUrls = Record<JobPriority, string>

export function publishSettings(env: Environment) {
  return {
    graphqlUrl: url(env, 'GRAPHQL_URL'),
    region: required(env, 'AWS_REGION'),
    credentials: credentialsOf(env),
  }
}

export function sweepSettings(env: Environment) {
  return {
    jobTable: required(env, 'JOB_TABLE'),
    sessionTable: required(env, 'SESSION_TABLE'),
    defaultMaxAttempts: whole(env, 'DEFAULT_MAX_ATTEMPTS'),
    resultTtlSeconds: whole(env, 'RESULT_TTL_SECONDS'),
  }
}

export function runSettings(env: Environment) {
  const leaseSeconds = whole(env, 'LEASE_SECONDS')
  const heartbeatSeconds = whole(env, 'HEARTBEAT_SECONDS')
  if (heartbeatSeconds >= leaseSeconds) {
    throw new Error(
      `HEARTBEAT_SECONDS must be less than LEASE_SECONDS (${leaseSeconds}), got ${heartbeatSeconds}: a third of it leaves room for a lost one`,
    )
  }
  const push = publishSettings(env)
  return {
    ...sweepSettings(env),
    ...push,
    eventTable: required(env, 'EVENT_TABLE'),
    results: {
      name: required(env, 'RESULT_BUCKET'),
      domain: required(env, 'RESULT_BUCKET_DOMAIN'),
      region: push.region,
      credentials: push.credentials,
      // As the SDK has it.
      endpoint: env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL,
    },
    modelId: required(env, 'MODEL_ID'),
    leaseSeconds,
    heartbeatSeconds,
    defaultTimeoutSeconds: whole(env, 'DEFAULT_TIMEOUT_SECONDS'),
    stallSeconds: whole(env, 'STALL_SECONDS', 3_600),
  }
}

/** The function's own, of the role that Lambda runs it under. */
export function credentialsOf(env: Environment): Credentials {
  return async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
      throw new Error(
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set; Lambda sets them from the role of the function',
      )
    }
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    }
  }
}

function required(env: Environment, name: string): string {
  const value = env[name]
  if (value) return value
  throw new Error(
    `${name} must be set in the environment of this function, got ${value === '' ? 'an empty text' : 'nothing'}`,
  )
}

function whole(env: Environment, name: string, max = 999_999_999): number {
  const value = required(env, name)
  if (/^[1-9]\d{0,8}$/.test(value) && Number(value) <= max) return Number(value)
  throw new Error(`${name} must be a whole number from 1 to ${max}, got ${JSON.stringify(value)}`)
}

function url(env: Environment, name: string): string {
  const value = required(env, name)
  if (URL.canParse(value)) return value
  throw new Error(`${name} must be a URL such as https://abc.appsync-api.us-east-1.amazonaws.com/graphql, got ${value}`)
}
