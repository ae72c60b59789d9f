import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Bedrock } from './bedrock/bedrock.ts'
import type { Services } from './cloudformation/services.ts'
import type { Handle } from './service.ts'

/** Finds the service of a request as AWS's own front doors would: by the operation it names, else by its path. */
export function routeTo(services: Services & { bedrock: Bedrock }) {
  const { appsync, bedrock, cognito, dynamodb, lambda, s3, scheduler, sqs } = services
  const graphql: Handle = (request, response, body) => {
    const api = appsync.at(request.url ?? '')
    if (!api) throw new Error(`no GraphQL API answers at ${request.url}, or not yet: wait for the ready line`)
    return api.handle(request, response, body)
  }
  const byTarget: Record<string, Handle> = {
    DynamoDB_20120810: dynamodb.handle,
    DynamoDBStreams_20120810: dynamodb.handle,
    AmazonSQS: sqs.handle,
    AWSCognitoIdentityProviderService: cognito.handle,
  }
  const byPath: [RegExp, Handle][] = [
    [/^\/graphql(\/\w+)?(\?|$)/, graphql],
    [/^\/model\//, bedrock.handle],
    [/^\/(2015-03-31|2021-11-15)\//, lambda.handle],
    [/^\/(schedules|schedule-groups|tags)(\/|\?|$)/, scheduler.handle],
    [/\/\.well-known\/jwks\.json$/, cognito.handle],
    // What is form-encoded: fauxqs answers STS's GetCallerIdentity in it, but not the query protocol of old SQS clients.
    [/^\/(\d{12}\/[^/]+)?$/, sqs.handle],
  ]
  return {
    route(request: IncomingMessage): Handle | undefined {
      const target = request.headers['x-amz-target']
      if (typeof target === 'string') return byTarget[target.split('.')[0] as string]
      // A browser asks before it signs in: of all services that are named by a header, it may call this one only.
      const asked = String(request.headers['access-control-request-headers'] ?? '')
      if (request.method === 'OPTIONS' && asked.includes('x-amz-target')) return cognito.handle
      if (s3.isFor(request)) return s3.handle
      return byPath.find(([path]) => path.test(request.url ?? ''))?.[1]
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      const api = appsync.at(request.url ?? '')
      if (!api) return socket.destroy()
      api.upgrade(request, socket, head)
    },
  }
}
