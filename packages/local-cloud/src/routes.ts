import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AwsError } from './aws-error.ts'
import type { Bedrock } from './bedrock/bedrock.ts'
import type { Services } from './cloudformation/services.ts'
import { notThere, serveQueryProtocol } from './query-protocol.ts'
import type { Handle, Route } from './service.ts'
import { checkInputTypes } from './sqs/input-types.ts'
import { stackOnly } from './stack-only.ts'

const JSON_REFUSED = { access: 'signed', form: 'json' } as const

/** What fauxqs and dynalite make of a body that is no object is their parsers' secret. */
function takesObject(handle: Handle, check?: (input: object) => void): Handle {
  return (request, response, body) => {
    if (request.method === 'POST') {
      const input = readObject(body)
      check?.(input)
    }
    return handle(request, response, body)
  }
}

function readObject(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Refused below, with whatever else is no object.
  }
  throw new AwsError('SerializationException', 400, 'The body must be a JSON object')
}

/** Finds the service of a request as AWS's own front doors would: by the operation it names, else by its path. */
export function routeTo(services: Services & { bedrock: Bedrock; modelSpends: boolean }) {
  const { appsync, bedrock, cognito, dynamodb, identity, lambda, s3, scheduler, sqs } = services
  const graphql: Handle = (request, response, body) => {
    const api = appsync.at(request.url ?? '')
    if (api) return api.handle(request, response, body)
    throw appsync.isOpen()
      ? new AwsError('NotFoundException', 404, `no GraphQL API answers at ${request.url}`)
      : starting()
  }
  const model = services.modelSpends ? stackOnly(services.credentials, bedrock.handle) : bedrock.handle
  const tables: Route = {
    ...JSON_REFUSED,
    handle: takesObject(dynamodb.handle),
    unsigned: {
      code: 'MissingAuthenticationTokenException',
      status: 400,
      message: 'Request is missing Authentication Token',
    },
  }
  const users: Route = { access: 'pages', form: 'json', handle: takesObject(cognito.handle) }
  const byTarget = new Map<string, Route>([
    ['DynamoDB_20120810', tables],
    ['DynamoDBStreams_20120810', tables],
    ['AmazonSQS', { ...JSON_REFUSED, handle: takesObject(sqs.handle, checkInputTypes) }],
    ['AWSCognitoIdentityProviderService', users],
  ])
  const objects: Route = {
    access: 'presigned',
    form: 's3',
    handle: s3.handle,
    unsigned: { code: 'AccessDenied', status: 403, message: 'Access Denied' },
    busy: { code: 'SlowDown', status: 503 },
  }
  const query: Route = { access: 'signed', form: 'query', handle: serveQueryProtocol(identity) }
  const unknown: Route = { ...JSON_REFUSED, handle: refuseUnknown }
  const byPath: [RegExp, Route][] = [
    [/^\/graphql(\/\w+)?(\?|$)/, { access: 'pages', form: 'json', handle: graphql }],
    [/^\/model\//, { ...JSON_REFUSED, handle: model }],
    [
      /^\/(2015-03-31|2021-11-15)\//,
      { ...JSON_REFUSED, handle: lambda.handle, busy: { code: 'TooManyRequestsException', status: 429 } },
    ],
    [/^\/(schedules|schedule-groups|tags)(\/|\?|$)/, { ...JSON_REFUSED, handle: scheduler.handle }],
    [/\/\.well-known\/jwks\.json$/, users],
  ]
  return {
    route(request: IncomingMessage): Route {
      const { headers, method, url = '' } = request
      const target = headers['x-amz-target']
      // Whatever names the service besides: behind SQS's door, fauxqs would take a form for a call of SNS.
      const isForm = method === 'POST' && headers['content-type']?.includes('x-www-form-urlencoded')
      if (isForm && (target !== undefined || /^\/(\?|$)/.test(url))) return query
      if (typeof target === 'string') return byTarget.get(target.split('.')[0] as string) ?? unknown
      // A browser asks before it signs in: of all services that are named by a header, it may call this one only.
      const asked = String(headers['access-control-request-headers'] ?? '')
      if (method === 'OPTIONS' && asked.includes('x-amz-target')) return users
      if (s3.isFor(request)) return objects
      return byPath.find(([path]) => path.test(url))?.[1] ?? unknown
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      const api = appsync.at(request.url ?? '')
      if (!api) throw new AwsError('NotFoundException', 404, `no GraphQL API answers at ${request.url}`)
      api.upgrade(request, socket, head)
    },
  }
}

const refuseUnknown: Handle = async ({ headers, method, url }) => {
  const target = headers['x-amz-target']
  if (target !== undefined || url === '/') throw notThere(target === undefined ? `${method} /` : String(target))
  throw new AwsError('UnknownOperationException', 404, `nothing here answers ${method} ${url}`)
}

/** The port is there before what answers at it: the functions that start with it need it. */
function starting(): AwsError {
  const message = 'the local cloud is starting: wait for its ready line, or ask again in a second'
  return new AwsError('ServiceUnavailableException', 503, message, { retryAfterSeconds: 1 })
}
