import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

// One environment may run hundreds of invocations at once; a smaller pool would make their heartbeats wait in line.
const sockets = { keepAlive: true, maxSockets: 500 }

/** One client per environment. A write is tried for some seconds before its fault travels up. */
export function createDocumentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, httpAgent: sockets, httpsAgent: sockets },
  })
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    // A number that JavaScript cannot hold may stand in a row put by hand; it must not make the row unreadable.
    unmarshallOptions: { wrapNumbers: Number },
  })
}
