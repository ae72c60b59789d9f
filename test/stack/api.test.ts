import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { findBreakingChanges } from 'graphql'
import { describe, expect, test } from 'vitest'
import cdkJson from '../../cdk.json' with { type: 'json' }
import { readResolvers } from '../../lib/resolvers.ts'
import { appSyncSchema } from '../graphql/api-schema.ts'
import { newFolder, newStack } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())

describe('the API', () => {
  test('takes tokens of its user pool and the backend by IAM, no API key, and bounded queries', () => {
    template.hasResourceProperties('AWS::AppSync::GraphQLApi', {
      AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
      UserPoolConfig: { DefaultAction: 'ALLOW', UserPoolId: { Ref: Match.stringLikeRegexp('UserPool') } },
      AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
      QueryDepthLimit: Match.absent(),
      ResolverCountLimit: 10,
      IntrospectionConfig: 'ENABLED',
      EnvironmentVariables: {
        AGENT_JOB_TABLE: { Ref: Match.anyValue() },
        RESULT_TTL_SECONDS: '604800',
        OWNER_LIMITS: '{"openJobs":1000,"jobsPerMinute":300,"highPriority":null}',
      },
      LogConfig: { FieldLogLevel: 'ERROR', ExcludeVerboseContent: true },
    })
    template.resourceCountIs('AWS::AppSync::ApiKey', 0)
  })

  test('hides its schema when the stack says so', () => {
    const hidden = Template.fromStack(newStack({ introspection: false }))
    hidden.hasResourceProperties('AWS::AppSync::GraphQLApi', { IntrospectionConfig: 'DISABLED' })
  })

  test('gets its schema without a word to people, and with every directive', () => {
    const [schema] = Object.values(template.findResources('AWS::AppSync::GraphQLSchema'))
    const sdl = String(schema?.Properties.Definition)
    expect(sdl).not.toMatch(/"""|#/)
    const written = readFileSync('graphql/schema.graphql', 'utf8')
    const directives = (text: string) => text.match(/@aws_\w+(\([^)]*\))?/g)?.sort()
    expect(directives(sdl)).toEqual(directives(written))
    expect(directives(sdl)?.filter((directive) => directive.startsWith('@aws_subscribe'))).toHaveLength(4)
    expect(findBreakingChanges(appSyncSchema(written), appSyncSchema(sdl))).toEqual([])
  })

  test('asks S3 for results by requests signed for it, at the bucket of its own', () => {
    template.hasResourceProperties('AWS::AppSync::DataSource', {
      Type: 'HTTP',
      HttpConfig: {
        Endpoint: {
          'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [Match.stringLikeRegexp('Bucket'), 'RegionalDomainName'] }]],
        },
        AuthorizationConfig: {
          AuthorizationType: 'AWS_IAM',
          AwsIamConfig: { SigningRegion: { Ref: 'AWS::Region' }, SigningServiceName: 's3' },
        },
      },
      ServiceRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('ResultsRole'), 'Arn'] },
    })
  })

  test('lets nobody sign up, browsers sign in without sending a password, and scripts by a client of their own', () => {
    template.hasResourceProperties('AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'INACTIVE',
    })
    template.resourceCountIs('AWS::Cognito::UserPoolClient', 2)
    const client = { GenerateSecret: Match.absent(), EnableTokenRevocation: true, AccessTokenValidity: 60 }
    template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      ...client,
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      RefreshTokenValidity: 30 * 24 * 60,
    })
    template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      ...client,
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      RefreshTokenValidity: 24 * 60,
    })
    template.hasOutput('UserPoolClientId', { Value: { Ref: Match.stringLikeRegexp('UsersClient') } })
    template.hasResourceProperties('AWS::Cognito::UserPoolGroup', { GroupName: 'admins' })
  })

  test('answers every field by JavaScript that AppSync takes as it is', () => {
    const units = Object.values(template.findResources('AWS::AppSync::Resolver'))
    const steps = Object.values(template.findResources('AWS::AppSync::FunctionConfiguration'))
    expect(units.length).toBeGreaterThanOrEqual(13)
    for (const { Properties } of [...units, ...steps]) {
      expect(Properties.Runtime).toEqual({ Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' })
      expect(Properties.Code).toMatch(/export \{\s+request,\s+response\s+\};/)
      const imports = [...Properties.Code.matchAll(/from "(.*)"/g)].map(([, from]) => from)
      expect(imports.filter((from) => !from.startsWith('@aws-appsync/utils'))).toEqual([])
      expect(Properties.PipelineConfig ?? Properties.DataSourceName).toBeDefined()
    }
  })

  test('knows the agents and their input when it takes a job', () => {
    const [create] = Object.values(
      template.findResources('AWS::AppSync::Resolver', { Properties: { FieldName: 'createAgentJob' } }),
    )
    for (const name of ['breakdownProject', 'analyzeTask', 'planDay', 'recommendTask']) {
      expect(create?.Properties.Code).toContain(`${name}:`)
    }
    expect(create?.Properties.Code).not.toContain('AGENT_INPUT_RULES[')
  })
})

describe('the folder of resolvers', () => {
  function folder(change: (folder: string) => void): string {
    const copy = newFolder()
    cpSync('graphql', copy, { recursive: true })
    change(copy)
    return copy
  }
  const resolver = (folder: string, name: string) => join(folder, 'resolvers', name)

  test('has a file for each field', () => {
    const without = folder((copy) => rmSync(resolver(copy, 'Mutation.cancelAgentJob.ts')))
    const rows = JSON.parse(readFileSync(join(without, 'data-sources.json'), 'utf8'))
    delete rows['Mutation.cancelAgentJob.ts']
    writeFileSync(join(without, 'data-sources.json'), JSON.stringify(rows))
    expect(() => readResolvers(without)).toThrow('write graphql/resolvers/Mutation.cancelAgentJob.ts')
  })

  test('has no file without a field', () => {
    const stray = folder((copy) => writeFileSync(resolver(copy, 'Query.getNothing.ts'), ''))
    expect(() => readResolvers(stray)).toThrow('the schema has no field Query.getNothing')
    const odd = folder((copy) => writeFileSync(resolver(copy, 'access.ts'), ''))
    expect(() => readResolvers(odd)).toThrow('must be named <Type>.<field>.ts')
  })

  test('has each file in data-sources.json, and no other', () => {
    const renamed = folder((copy) =>
      renameSync(
        resolver(copy, 'Query.listAgentJobs.1.queryOwner.ts'),
        resolver(copy, 'Query.listAgentJobs.1.query.ts'),
      ),
    )
    expect(() => readResolvers(renamed)).toThrow('names Query.listAgentJobs.1.queryOwner.ts')
    const unnamed = folder((copy) => writeFileSync(resolver(copy, 'AgentJob.resultData.ts'), ''))
    expect(() => readResolvers(unnamed)).toThrow(
      'must give AgentJob.resultData.ts "AgentJob", "AgentJobEvent", "AgentJobSession", "Results", "None"',
    )
  })

  test('gives a pipeline its steps in their order', () => {
    const list = readResolvers('graphql').find(({ fieldName }) => fieldName === 'listAgentJobs')
    expect(list?.dataSource).toBeNull()
    expect(list?.steps.map(({ name }) => name)).toEqual(['queryOwner', 'readJobs'])
  })
})

test('the stack holds no custom resource, no physical name, and what a client needs to know', () => {
  const { Resources, Outputs, ...rest } = template.toJSON()
  const types = new Set(Object.values<{ Type: string }>(Resources).map(({ Type }) => Type))
  expect([...types].filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([])
  expect(JSON.stringify(Resources)).not.toMatch(/"(TableName|QueueName|RoleName|UserPoolName|AlarmName)":"/)
  expect(Object.keys(Outputs)).toEqual(
    expect.arrayContaining([
      'GraphQLUrl',
      'RealtimeUrl',
      'UserPoolId',
      'UserPoolClientId',
      'Region',
      'AgentJobTableName',
    ]),
  )
  expect(rest.Parameters?.BootstrapVersion).toBeDefined()
})

test('the app synthesizes without credentials, without the CDK CLI, in silence, and by its own Node whatever runs cdk', () => {
  const [output, bin] = [newFolder(), newFolder()]
  writeFileSync(join(bin, 'node'), '#!/bin/sh\necho an old Node; exit 9\n', { mode: 0o755 })
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: output, CDK_OUTDIR: output, CDK_VALIDATION: 'false' }
  const { status, stderr, stdout } = spawnSync(cdkJson.app, { shell: true, env, encoding: 'utf8' })
  expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: '' })
  const made = JSON.parse(readFileSync(join(output, 'AgentJobs.template.json'), 'utf8'))
  expect(made.Resources).toEqual(template.toJSON().Resources)
  expect(Object.keys(made).sort()).toEqual(['Description', 'Outputs', 'Resources'])
  expect(readdirSync(output).filter((name) => name.startsWith('asset.'))).toHaveLength(4)
})
