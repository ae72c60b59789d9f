import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { newStack, permissions, readable, statements } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())
const MUTATION = 'arn:partition:appsync:region:accountid:apis/GraphQL.ApiId/types/Mutation/fields'
const READ_STREAM = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
  (action) => `dynamodb:${action} AgentJob.StreamArn`,
)

test('dispatch-jobs reads the stream, keeps sessions, sends to queues, and ends what can never be sent', () => {
  expect(permissions(template, 'DispatchJobs')).toEqual([
    'dynamodb:DeleteItem AgentJobSession',
    ...READ_STREAM.slice(0, 1),
    'dynamodb:GetItem AgentJob',
    'dynamodb:GetItem AgentJobSession',
    ...READ_STREAM.slice(1),
    'dynamodb:UpdateItem AgentJob',
    'dynamodb:UpdateItem AgentJobSession',
    'sqs:SendMessage High',
    'sqs:SendMessage Low',
    'sqs:SendMessage Normal',
    'sqs:SendMessage Undelivered',
  ])
})

test('publish-changes reads the stream and calls its two mutations', () => {
  expect(permissions(template, 'PublishChanges')).toEqual([
    `appsync:GraphQL ${MUTATION}/publishAgentJob`,
    `appsync:GraphQL ${MUTATION}/publishDeletedAgentJob`,
    ...READ_STREAM,
    'sqs:SendMessage Undelivered',
  ])
})

test('sweep-overdue asks one index and moves jobs, and only the scheduler calls it', () => {
  expect(permissions(template, 'SweepOverdue')).toEqual([
    'dynamodb:GetItem AgentJob',
    'dynamodb:GetItem AgentJobSession',
    'dynamodb:Query AgentJob/index/byDue',
    'dynamodb:UpdateItem AgentJob',
  ])
  expect(permissions(template, 'SweepSchedule')).toEqual([
    'lambda:InvokeFunction SweepOverdue',
    'lambda:InvokeFunction SweepOverdue:$LATEST',
    'sqs:SendMessage Undelivered',
  ])
})

test('run-job moves jobs, keeps events, stores large results, takes messages and asks one model', () => {
  const take = ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage']
  expect(permissions(template, 'RunJob')).toEqual([
    `appsync:GraphQL ${MUTATION}/appendAgentJobEvent`,
    'bedrock:InvokeModelWithResponseStream arn:partition:bedrock:::foundation-model/anthropic.claude-haiku-5-5',
    'bedrock:InvokeModelWithResponseStream arn:partition:bedrock:region::foundation-model/anthropic.claude-haiku-5-5',
    'bedrock:InvokeModelWithResponseStream arn:partition:bedrock:region:accountid:inference-profile/global.anthropic.claude-haiku-5-5',
    'dynamodb:GetItem AgentJob',
    'dynamodb:GetItem AgentJobEvent',
    'dynamodb:GetItem AgentJobSession',
    'dynamodb:PutItem AgentJobEvent',
    'dynamodb:UpdateItem AgentJob',
    's3:PutObject ResultsBucket/results/*',
    ...take.flatMap((action) => ['High', 'Low', 'Normal'].map((queue) => `sqs:${action} ${queue}`)),
  ])
})

test('the model behind an inference profile can be asked through that profile only', () => {
  for (const modelId of ['global.anthropic.claude-haiku-5-5', 'us.anthropic.claude-haiku-5-5']) {
    const profile = `arn:partition:bedrock:region:accountid:inference-profile/${modelId}`
    const throughModel = modelStatements(modelId).filter(({ Resource }) =>
      JSON.stringify(Resource).includes('foundation-model'),
    )
    expect(throughModel).toHaveLength(1)
    const condition = throughModel[0]?.Condition as { StringEquals: Record<string, unknown> }
    expect(readable(condition.StringEquals['bedrock:InferenceProfileArn'])).toBe(profile)
  }
})

test('an application inference profile is asked for by its ARN, and opens its model only', () => {
  const profile = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3'
  const [own, model, ...others] = modelStatements(profile)
  expect(others).toEqual([])
  expect([own?.Resource, own?.Condition]).toEqual([profile, undefined])
  expect(readable(model?.Resource)).toBe('arn:partition:bedrock:*::foundation-model/*')
  expect(model?.Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': profile } })
})

test('the models of the last deploy may be asked for one deploy more', () => {
  const older = ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'amazon.nova-lite-v1:0']
  const stack = newStack({ modelId: 'anthropic.claude-haiku-5-5', previousModelIds: older })
  const asked = statements(Template.fromStack(stack), 'RunJob').filter(({ Action }) =>
    String(Action).startsWith('bedrock:'),
  )
  const models = asked.flatMap(({ Resource }) => [Resource].flat().map(readable))
  expect(models.filter((arn) => arn.includes('foundation-model')).sort()).toEqual([
    'arn:partition:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0',
    'arn:partition:bedrock:region::foundation-model/amazon.nova-lite-v1:0',
    'arn:partition:bedrock:region::foundation-model/anthropic.claude-haiku-5-5',
  ])
  expect(() => newStack({ previousModelIds: ['claude'] })).toThrow(/must be a Bedrock model id .* got "claude"/)
})

test('workers subscribe to a model only when the stack lets them, and only by way of Bedrock', () => {
  const marketplace = (stack: ReturnType<typeof newStack>) =>
    statements(Template.fromStack(stack)).filter(({ Action }) => String(Action).includes('aws-marketplace'))
  expect(marketplace(newStack())).toEqual([])
  expect(marketplace(newStack({ marketplaceSubscription: true }))).toEqual([
    {
      Effect: 'Allow',
      Action: ['aws-marketplace:Subscribe', 'aws-marketplace:Unsubscribe', 'aws-marketplace:ViewSubscriptions'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:CalledViaLast': 'bedrock.amazonaws.com' } },
    },
  ])
})

test('a model of the region needs no profile', () => {
  const [only, ...others] = modelStatements('anthropic.claude-haiku-5-5')
  expect(others).toEqual([])
  expect(only?.Condition).toBeUndefined()
  expect(readable(only?.Resource)).toBe('arn:partition:bedrock:region::foundation-model/anthropic.claude-haiku-5-5')
})

test('resolvers reach their own table', () => {
  expect(permissions(template, 'ApiAgentJobRole')).toEqual([
    'dynamodb:BatchGetItem AgentJob',
    'dynamodb:GetItem AgentJob',
    'dynamodb:PutItem AgentJob',
    'dynamodb:Query AgentJob/index/byOpenOwner',
    'dynamodb:Query AgentJob/index/byOwner',
    'dynamodb:Scan AgentJob',
    'dynamodb:UpdateItem AgentJob',
  ])
  expect(permissions(template, 'ApiAgentJobEventRole')).toEqual([
    'dynamodb:GetItem AgentJobEvent',
    'dynamodb:PutItem AgentJobEvent',
    'dynamodb:Query AgentJobEvent',
  ])
  expect(permissions(template, 'ApiAgentJobSessionRole')).toEqual([
    'dynamodb:GetItem AgentJobSession',
    'dynamodb:UpdateItem AgentJobSession',
  ])
  expect(permissions(template, 'ApiResultsRole')).toEqual(['s3:GetObject ResultsBucket/results/*'])
})

test('no permission names more than it needs', () => {
  const resources = statements(template).flatMap(({ Action, Resource }) => [Action, Resource].flat().map(readable))
  expect(resources.length).toBeGreaterThan(30)
  // A result's key is known when its job has run.
  expect(new Set(resources.filter((resource) => resource.includes('*')))).toEqual(new Set(['ResultsBucket/results/*']))
})

function modelStatements(modelId: string) {
  const all = statements(Template.fromStack(newStack({ modelId })), 'RunJob')
  return all.filter(({ Action }) => String(Action).startsWith('bedrock:'))
}
