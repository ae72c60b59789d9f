import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { AgentJobs } from '../../lib/agent-jobs.ts'
import { newApp, newStack } from './synthesized-stack.ts'

/** What holds data or what clients keep in their settings: another id would be another resource, and an empty one. */
const STATEFUL = {
  JobsTablesAgentJobB36E21B3: 'AWS::DynamoDB::Table',
  JobsTablesAgentJobEvent3FC47409: 'AWS::DynamoDB::Table',
  JobsTablesAgentJobSessionCD3386E1: 'AWS::DynamoDB::Table',
  JobsResultsBucket3067078C: 'AWS::S3::Bucket',
  JobsQueuesHigh7D6E685F: 'AWS::SQS::Queue',
  JobsQueuesHighDeadLetters9558D485: 'AWS::SQS::Queue',
  JobsQueuesNormal3E06484F: 'AWS::SQS::Queue',
  JobsQueuesNormalDeadLetters73C3025E: 'AWS::SQS::Queue',
  JobsQueuesLow30FBE443: 'AWS::SQS::Queue',
  JobsQueuesLowDeadLetters43B7AC10: 'AWS::SQS::Queue',
  JobsQueuesUndelivered937C7816: 'AWS::SQS::Queue',
  JobsApiUsersUserPool17B44AF2: 'AWS::Cognito::UserPool',
  JobsApiUsersClient1F3C1240: 'AWS::Cognito::UserPoolClient',
  JobsApiUsersScriptClient01C51005: 'AWS::Cognito::UserPoolClient',
  JobsApiUsersAdminsCE9B9C31: 'AWS::Cognito::UserPoolGroup',
  JobsApiGraphQL83011C2F: 'AWS::AppSync::GraphQLApi',
}

test('the resources that hold data keep their logical ids', () => {
  const { Resources } = Template.fromStack(newStack()).toJSON()
  const kinds = new Set(Object.values(STATEFUL))
  const found = Object.entries<{ Type: string }>(Resources).filter(([, { Type }]) => kinds.has(Type))
  expect(Object.fromEntries(found.map(([id, { Type }]) => [id, Type]))).toEqual(STATEFUL)
})

test('several sets of agent jobs stand in one stack, each with outputs of its own', () => {
  const stack = new Stack(newApp(), 'Own')
  new AgentJobs(stack, 'Jobs', { agents: 'agents/index.ts' })
  new AgentJobs(stack, 'Night-shift', { agents: 'agents/index.ts' })
  const { Outputs } = Template.fromStack(stack).toJSON()
  const urls = Object.keys(Outputs).filter((key) => key.endsWith('GraphQLUrl'))
  expect(urls).toEqual(['JobsGraphQLUrl', 'NightshiftGraphQLUrl'])
  expect(Object.keys(Outputs)).toHaveLength(22)
})
