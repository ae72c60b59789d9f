import fc from 'fast-check'

export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

/** What a program or a hand may put in the place of anything. */
export const odd = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, '', 'x', '\u0000', '__proto__', '${jndi:x}', [], {}, [null], { a: null }),
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
)

/** An object with some of the members that a service knows, each of any type. */
export const members = (names: string[]) =>
  fc.dictionary(fc.constantFrom(...names), fc.oneof(odd, fc.dictionary(fc.constantFrom(...names), odd)), { maxKeys: 5 })

export const bodies = (names: string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: members(names).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: odd.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '{"a":', '"', '\ufeff{}') },
  )

const signature = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`

const byTarget = (service: string, prefix: string, operations: string[], names: string[]) =>
  fc.record({
    method: fc.constant('POST'),
    path: fc.constantFrom('/', '/000000000000/queue'),
    headers: fc.constantFrom(...operations).map((operation) => ({
      'x-amz-target': `${prefix}.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
      authorization: signature(service),
    })),
    body: bodies(names),
  })

const byPath = (service: string, methods: string[], paths: string[], names: string[]) =>
  fc.record({
    method: fc.constantFrom(...methods),
    path: fc.oneof(
      fc.constantFrom(...paths),
      fc.constantFrom(...paths).map((path) => `${path}?a=%&${encodeURI('ü')}=1&max-keys=-1`),
    ),
    headers: fc.constant({ authorization: signature(service), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    body: bodies(names),
  })

const TABLES =
  'GetItem PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems CreateTable UpdateTable DeleteTable DescribeTable ListTables UpdateTimeToLive DescribeTimeToLive Nothing constructor __proto__'
const STREAMS = 'ListStreams DescribeStream GetShardIterator GetRecords'
const QUEUES =
  'CreateQueue GetQueueUrl ListQueues GetQueueAttributes SetQueueAttributes PurgeQueue TagQueue UntagQueue ListQueueTags SendMessage SendMessageBatch DeleteMessage DeleteMessageBatch ChangeMessageVisibility ChangeMessageVisibilityBatch Nothing toString'
const TABLE_MEMBERS =
  'TableName Key Item KeyConditionExpression ExpressionAttributeNames ExpressionAttributeValues UpdateExpression ConditionExpression RequestItems TransactItems AttributeDefinitions KeySchema BillingMode GlobalSecondaryIndexUpdates StreamSpecification TimeToLiveSpecification Limit ExclusiveStartKey ClientRequestToken StreamArn ShardId ShardIteratorType ShardIterator SequenceNumber'
const QUEUE_MEMBERS =
  'QueueUrl QueueName Attributes AttributeNames MessageBody DelaySeconds MessageAttributes MessageGroupId MessageDeduplicationId Entries Id ReceiptHandle VisibilityTimeout Tags TagKeys tags MaxResults NextToken QueueNamePrefix'

/** Requests for each service, in which nothing needs to be right. */
export const services: [string, fc.Arbitrary<Sent>][] = [
  ['DynamoDB', byTarget('dynamodb', 'DynamoDB_20120810', TABLES.split(' '), TABLE_MEMBERS.split(' '))],
  ['DynamoDB Streams', byTarget('dynamodb', 'DynamoDBStreams_20120810', STREAMS.split(' '), TABLE_MEMBERS.split(' '))],
  ['SQS', byTarget('sqs', 'AmazonSQS', QUEUES.split(' '), QUEUE_MEMBERS.split(' '))],
  [
    'Cognito',
    byTarget(
      '',
      'AWSCognitoIdentityProviderService',
      ['InitiateAuth', 'GetUser', 'valueOf'],
      ['AuthFlow', 'ClientId', 'AuthParameters', 'USERNAME', 'PASSWORD', 'REFRESH_TOKEN'],
    ),
  ],
  ['no service', byTarget('x', 'constructor', ['x', '__proto__.x'], ['a'])],
  [
    'S3',
    byPath(
      's3',
      ['GET', 'PUT', 'HEAD', 'DELETE', 'POST', 'OPTIONS', 'PATCH'],
      [
        '/',
        '/bucket',
        '/bucket/key',
        '/bucket/%2e%2e/x',
        '/bucket/k?acl',
        '/b/?list-type=2&max-keys=x&continuation-token=%00',
      ],
      ['a'],
    ),
  ],
  [
    'Lambda',
    byPath(
      'lambda',
      ['GET', 'POST', 'PUT'],
      [
        '/2015-03-31/functions',
        '/2015-03-31/functions/x/invocations',
        '/2015-03-31/functions/constructor',
        '/2015-03-31/functions/a%2Fb/configuration',
      ],
      ['a'],
    ),
  ],
  [
    'Scheduler',
    byPath(
      'scheduler',
      ['GET', 'POST', 'PUT', 'DELETE'],
      ['/schedules', '/schedules/x', '/schedules/__proto__', '/schedule-groups', '/tags/x'],
      'ScheduleExpression ScheduleExpressionTimezone StartDate EndDate State FlexibleTimeWindow Mode Target Arn RoleArn Input DeadLetterConfig RetryPolicy MaximumRetryAttempts GroupName'.split(
        ' ',
      ),
    ),
  ],
  [
    'Bedrock',
    byPath(
      'bedrock',
      ['POST', 'GET'],
      ['/model/x/converse', '/model/x/converse-stream', '/model/x/invoke', '/model/%00/converse'],
      'messages system toolConfig inferenceConfig maxTokens temperature tools toolChoice guardrailConfig'.split(' '),
    ),
  ],
  [
    'AppSync',
    fc.record({
      method: fc.constantFrom('POST', 'GET', 'PUT', 'OPTIONS'),
      path: fc.constantFrom('/graphql', '/graphql?query={__typename}&variables={', '/graphql/x', '/graphql?query=%'),
      headers: fc.constant({ authorization: signature('appsync') }),
      body: bodies(['query', 'variables', 'operationName']),
    }),
  ],
]
