import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validations } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, test, vi } from 'vitest'
import { dispatchSettings, publishSettings, runSettings, sweepSettings } from '../../lambda/settings.ts'
import { EVENT_TABLE_KEYS, JOB_TABLE_KEYS, SESSION_TABLE_KEYS } from '../job-tables.ts'
import { newApp, newStack, readable } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())

describe('rules that CDK and cdk-nag check', () => {
  // The generous limit is for a busy machine: CDK's check is seconds of WebAssembly.
  test('hold', () => {
    vi.stubEnv('CDK_VALIDATION', 'true')
    const { directory, messages } = synthesizeChecked()
    vi.stubEnv('CDK_VALIDATION', 'false')
    expect(messages).toEqual([])
    expect(JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')).pluginReports).toEqual([])
  }, 120_000)

  test.each([
    'us.anthropic.claude-haiku-5-5',
    'anthropic.claude-haiku-5-5',
    'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3',
  ])('hold with the model %s', (modelId) => {
    expect(synthesizeChecked({ modelId, marketplaceSubscription: true }).messages).toEqual([])
  })

  test('are set aside in these places only, each with its reason', () => {
    const stack = newStack({ modelId: 'eu.anthropic.claude-haiku-5-5' })
    const acknowledged = stack.node.findAll().flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .map(([id, reason]) => {
          expect(reason).toMatch(/^[^\n]{30,140}$/)
          return `${node.path.replace('AgentJobs/Jobs/', '')} ${id.replace(/^.*::(?=AwsSolutions-)/, '')}`
        }),
    )
    expect(acknowledged).toEqual([
      'Results/Bucket AwsSolutions-S1',
      'Queues/Undelivered AwsSolutions-SQS3',
      'Api/Users/UserPool AwsSolutions-COG2',
      'Api/Users/UserPool AwsSolutions-COG8',
      'Api/GraphQL AwsSolutions-ASC3',
      'Api/ResultsRole AwsSolutions-IAM5[Resource::<JobsResultsBucket3067078C.Arn>/results/*]',
      'Functions/RunJobRole AwsSolutions-IAM5[Resource::<JobsResultsBucket3067078C.Arn>/results/*]',
      'Functions/RunJobRole AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:bedrock:*::foundation-model/anthropic.claude-haiku-5-5]',
    ])
  })
})

function synthesizeChecked(props: Parameters<typeof newStack>[0] = {}) {
  const app = newApp()
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  newStack(props, app)
  const assembly = app.synth()
  return { directory: assembly.directory, messages: assembly.getStackByName('AgentJobs').messages }
}

describe('tables', () => {
  test('expire rows, can be restored to any second, and are kept when the stack goes', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 3)
    template.allResources('AWS::DynamoDB::Table', {
      // A first deploy that fails rolls them back, which nobody has put anything into.
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    })
  })

  test('have the keys that jobs are read by, an index for each question that is asked', () => {
    const stream = { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }
    template.hasResourceProperties('AWS::DynamoDB::Table', { ...JOB_TABLE_KEYS, ...stream })
    template.hasResourceProperties('AWS::DynamoDB::Table', EVENT_TABLE_KEYS)
    template.hasResourceProperties('AWS::DynamoDB::Table', SESSION_TABLE_KEYS)
  })
})

describe('functions', () => {
  test('run on Node 24 on arm64, and write a log of their own that ends', () => {
    template.resourceCountIs('AWS::Lambda::Function', 4)
    template.allResourcesProperties('AWS::Lambda::Function', {
      ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: Match.anyValue() },
    })
    template.resourceCountIs('AWS::Logs::LogGroup', 5)
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain('ManagedPolicyArns')
  })

  test('find every setting that they read when they start', () => {
    const readers = {
      DispatchJobs: dispatchSettings,
      RunJob: runSettings,
      PublishChanges: publishSettings,
      SweepOverdue: sweepSettings,
    }
    for (const [id, { Properties }] of Object.entries(template.findResources('AWS::Lambda::Function'))) {
      const given = Object.entries(Properties.Environment.Variables).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : `https://${readable(value)}`,
      ])
      const read = readers[id.replace(/^JobsFunctions|[0-9A-F]{8}$/g, '') as keyof typeof readers]
      expect(() => read({ AWS_REGION: 'us-east-1', ...Object.fromEntries(given) })).not.toThrow()
    }
  })

  test('two of them read the stream, whose order and records survive a failure', () => {
    const readers = template.findResources('AWS::Lambda::EventSourceMapping', {
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('AgentJob'), 'StreamArn'] },
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 100,
        MaximumRecordAgeInSeconds: Match.anyValue(),
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('Undelivered'), 'Arn'] } },
        },
      },
    })
    const isTurn = { sessionKey: { S: [{ exists: true }] } }
    const filters = Object.values(readers).map(({ Properties }) => [
      Properties.FunctionName.Ref.replace(/^JobsFunctions|[0-9A-F]{8}$/g, ''),
      Properties.FilterCriteria?.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern)),
    ])
    expect(Object.fromEntries(filters)).toEqual({
      DispatchJobs: [
        { dynamodb: { NewImage: { status: { S: ['PENDING'] } } } },
        { dynamodb: { NewImage: { status: { S: ['COMPLETE', 'FAILED', 'CANCELLED'] }, ...isTurn } } },
        { eventName: ['REMOVE'], dynamodb: { OldImage: isTurn } },
      ],
      PublishChanges: undefined,
    })
    expect(JSON.stringify(template.findResources('AWS::Lambda::EventSourceMapping')).match(/StreamArn/g)).toHaveLength(
      2,
    )
  })

  test('that call the API are never newer than its schema and resolvers', () => {
    const resolvers = Object.keys(template.findResources('AWS::AppSync::Resolver'))
    expect(resolvers.length).toBeGreaterThan(10)
    for (const id of ['RunJob', 'PublishChanges']) {
      const [[, { DependsOn }] = ['', { DependsOn: [] }]] = Object.entries(
        template.findResources('AWS::Lambda::Function'),
      ).filter(([name]) => name.includes(id))
      expect(DependsOn).toEqual(expect.arrayContaining(resolvers))
    }
    const [schema = ''] = Object.keys(template.findResources('AWS::AppSync::GraphQLSchema'))
    template.allResources('AWS::AppSync::Resolver', { DependsOn: Match.arrayWith([schema]) })
  })

  test('sweep-overdue is called every minute once it may be, a call that fails is kept, and none is repeated', () => {
    template.resourceCountIs('AWS::Scheduler::Schedule', 1)
    template.hasResource('AWS::Scheduler::Schedule', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('SweepScheduleRoleDefaultPolicy')]),
      Properties: {
        GroupName: { Ref: Match.stringLikeRegexp('^JobsFunctionsSchedules') },
        ScheduleExpression: 'rate(1 minute)',
        Target: {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('SweepOverdue'), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Undelivered'), 'Arn'] } },
        },
      },
    })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('SweepOverdue') },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    })
  })
})
