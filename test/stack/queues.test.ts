import { Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { QUEUES } from '../../cli/redrive/queues.ts'
import { newStack } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())

describe('queues', () => {
  test('hide a message for six runs of a job, and set it aside after five', () => {
    const queues = Object.values(template.findResources('AWS::SQS::Queue'))
    const working = queues.filter(({ Properties }) => Properties.RedrivePolicy)
    expect(working).toHaveLength(3)
    for (const { Properties } of working) {
      expect(Properties).toMatchObject({ VisibilityTimeout: 6 * 900, RedrivePolicy: { maxReceiveCount: 5 } })
      const { deadLetterTargetArn } = Properties.RedrivePolicy
      const deadLetters = template.toJSON().Resources[deadLetterTargetArn['Fn::GetAtt'][0]]
      expect(deadLetters.Properties.MessageRetentionPeriod).toBe(14 * 24 * 3600)
    }
  })

  test('say by tags which they are and of which set of agent jobs, as their names are not ours', () => {
    const tags = Object.values(template.findResources('AWS::SQS::Queue')).flatMap(({ Properties }) =>
      Properties.Tags
        ? [Object.fromEntries(Properties.Tags.map(({ Key, Value }: Record<string, string>) => [Key, Value]))]
        : [],
    )
    expect(tags).toEqual(QUEUES.map((queue) => ({ 'agent-jobs:queue': queue, 'agent-jobs:set': 'AgentJobs.Jobs' })))
  })

  test('are encrypted, and refuse what does not come over TLS', () => {
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true })
    const queues = Object.keys(template.findResources('AWS::SQS::Queue'))
    template.resourcePropertiesCountIs(
      'AWS::SQS::QueuePolicy',
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          ]),
        },
      },
      queues.length,
    )
  })
})
