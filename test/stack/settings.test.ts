import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duration } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { UserPool } from 'aws-cdk-lib/aws-cognito'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkOwnerLimits } from '../../lib/owner-limits.ts'
import { newFolder, newStack } from './synthesized-stack.ts'

describe('a setting out of bounds is refused with what may come:', () => {
  test.each([
    [{ agents: 'agents/none.ts' }, /agents must be the path of a module .* there is no agents\/none\.ts/],
    [{ agents: 'cdk.json' }, /cdk\.json must export `agents`/],
    [{ modelId: 'claude' }, /modelId must be a Bedrock model id .* got "claude"/],
    [{ maxConcurrency: { low: 1 } }, /maxConcurrency\.low must be a whole number from 2 to 1000, got 1/],
    [{ maxConcurrency: 1 }, /maxConcurrency must be a whole number from 2 to 1000, got 1/],
    [{ maxConcurrency: Number('many') }, /maxConcurrency must be a whole number from 2 to 1000, got NaN/],
    [{ maxConcurrency: { urgent: 5 } as object }, /maxConcurrency may have high, normal, low.*; got urgent/],
    [{ reservedConcurrency: { sweepOverdue: 0 } }, /reservedConcurrency\.sweepOverdue must be .* from 1 .*, got 0/],
    [{ reservedConcurrency: { sweep: 1 } as object }, /reservedConcurrency may have dispatchJobs, .*; got sweep/],
    [
      { maxConcurrency: 50, reservedConcurrency: { runJob: 100 } },
      /reservedConcurrency\.runJob must be at least \d+, .* got 100: raise it, or lower maxConcurrency/,
    ],
    [{ webAcl: { perToken: 5 } }, /webAcl\.perToken must be a whole number of requests .* from 10 to .*, got 5/],
    [{ modelId: 'arn:aws:bedrock:us-east-1::foundation-model/x.y' }, /or the ARN of an application inference profile/],
    [{ attempts: 0 }, /attempts must be a whole number from 1 to 20, got 0/],
    [{ attempts: 2.5 }, /attempts must be a whole number from 1 to 20, got 2\.5/],
    [{ timeout: Duration.days(2) }, /timeout must be whole seconds from Duration\.seconds\(1\) .* got 172800 s/],
    [{ stall: Duration.millis(500) }, /stall must be whole seconds .* got 0\.5 s/],
  ])('%j', (props, message) => {
    expect(() => newStack(props)).toThrow(message)
  })

  test('a client without the user pool that it is of', () => {
    const own = newStack()
    const userPoolClient = own.jobs.api.users.client
    expect(() => newStack({ userPoolClient })).toThrow('userPoolClient goes with the userPool')
  })
})

test('attempts, time-out and stall of the stack reach the worker, and the sweep as far as it asks', () => {
  const stack = newStack({ attempts: 5, timeout: Duration.hours(2), stall: Duration.minutes(3) })
  const functions = Template.fromStack(stack).findResources('AWS::Lambda::Function')
  const variables = (id: string) =>
    Object.entries(functions).find(([name]) => name.includes(id))?.[1].Properties.Environment.Variables
  expect(variables('RunJob')).toMatchObject({
    DEFAULT_MAX_ATTEMPTS: '5',
    DEFAULT_TIMEOUT_SECONDS: '7200',
    STALL_SECONDS: '180',
  })
  expect(variables('SweepOverdue')).toMatchObject({ DEFAULT_MAX_ATTEMPTS: '5' })
})

test("an own user pool is asked for its tokens, gets a client, and nothing of it is the construct's", () => {
  const stack = newStack()
  const userPool = UserPool.fromUserPoolId(stack, 'Own', 'us-east-1_Example01')
  const own = newStack({ userPool })
  const template = Template.fromStack(own)
  template.resourceCountIs('AWS::Cognito::UserPool', 0)
  template.resourceCountIs('AWS::Cognito::UserPoolGroup', 0)
  template.hasResourceProperties('AWS::Cognito::UserPoolClient', { UserPoolId: 'us-east-1_Example01' })
  template.hasResourceProperties('AWS::AppSync::GraphQLApi', {
    UserPoolConfig: { UserPoolId: 'us-east-1_Example01' },
  })
  template.hasOutput('UserPoolId', { Value: 'us-east-1_Example01' })
  // Of somebody else's pool nothing is told, and no client takes passwords.
  const { Outputs } = template.toJSON()
  expect(Object.keys(Outputs)).not.toEqual(expect.arrayContaining(['ScriptClientId']))
  expect(Outputs.SignInForm).toBeUndefined()
  template.resourceCountIs('AWS::Cognito::UserPoolClient', 1)
})

test('an identity pool is put out for the front end', () => {
  const identityPoolId = 'us-east-1:11111111-2222-3333-4444-555555555555'
  Template.fromStack(newStack({ identityPoolId })).hasOutput('IdentityPoolId', { Value: identityPoolId })
})

test('a web ACL, when it is asked for, counts by token and by address, and not what the backend signs', () => {
  Template.fromStack(newStack()).resourceCountIs('AWS::WAFv2::WebACL', 0)
  const template = Template.fromStack(newStack({ webAcl: { perToken: 300 } }))
  const rate = (values: object) => ({ Action: { Block: {} }, Statement: { RateBasedStatement: values } })
  template.hasResourceProperties('AWS::WAFv2::WebACL', {
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    VisibilityConfig: { SampledRequestsEnabled: false },
    Rules: [
      Match.objectLike(
        rate({ Limit: 300, AggregateKeyType: 'CUSTOM_KEYS', CustomKeys: [{ Header: { Name: 'authorization' } }] }),
      ),
      Match.objectLike(
        rate({
          Limit: 5000,
          AggregateKeyType: 'IP',
          ScopeDownStatement: {
            NotStatement: {
              Statement: { ByteMatchStatement: { FieldToMatch: { SingleHeader: { Name: 'authorization' } } } },
            },
          },
        }),
      ),
    ],
  })
  template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
    ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('GraphQL'), 'Arn'] },
    WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('WebAcl'), 'Arn'] },
  })
})

describe('the file of agents', () => {
  const inside = (name: string, text: string) => {
    mkdirSync('.local', { recursive: true })
    const folder = mkdtempSync(join('.local', 'agents-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const ask = `defineAgent({ name: 'ask', input: z.object({ question: z.string() }), output: z.string(), run: () => '' })`

  test.each([
    [
      'agents.ts',
      `import { defineAgent } from 'agent-jobs'
       import * as z from 'zod'
       enum Color { Red }
       await Promise.resolve(Color.Red)
       console.log('loading')
       export const agents = { ask: ${ask} }`,
    ],
    [
      'agents.mjs',
      `import { defineAgent } from 'agent-jobs'\nimport * as z from 'zod'\nexport const agents = { ask: ${ask} }`,
    ],
    [
      'agents.cjs',
      `const { defineAgent } = require('agent-jobs')\nconst z = require('zod')\nmodule.exports = { agents: { ask: ${ask} } }`,
    ],
  ])('may be %s, whatever runs the CDK app', (name, text) => {
    const stack = newStack({ agents: inside(name, text) })
    expect(JSON.stringify(Template.fromStack(stack))).toContain('question')
  })

  test.each([
    [`export const agents = { ask: { name: 'answer' } }`, /agents\.ask is named "answer"\. Write defineAgent/],
    [`export const agents = { ask: { name: 'ask', input: {} } }`, /agents\.ask\.input must be one, got object/],
    [`export const agents = {}`, /must export `agents`/],
    [`throw new TypeError('no such setting')`, /agents\.mjs cannot be loaded: TypeError: no such setting$/],
    [`export const agents = {`, /agents\.mjs cannot be bundled: .*Expected/],
    [`import 'not-installed'`, /cannot be bundled: .*Could not resolve "not-installed"/],
  ])('that says %s is refused in one line', (text, message) => {
    const agents = inside('agents.mjs', text)
    expect(() => newStack({ agents })).toThrow(message)
    expect(() => newStack({ agents })).toThrow(/^.*$/)
  })

  test.each([
    [
      'temperature: 0',
      undefined,
      /agents?.*ask: temperature must be left out with global\.anthropic\.claude-haiku-5-5/i,
    ],
    ['maxTokens: 200_000', undefined, /ask: maxTokens must be at most 128000/],
    [
      `effort: 'none'`,
      'us.anthropic.claude-opus-5-5',
      /ask: effort cannot be 'none' .* Change the agent, or the modelId/,
    ],
  ])('that asks with %s what its model refuses is refused', (setting, modelId, message) => {
    const prompt = ask.replace(
      `output: z.string(), run: () => ''`,
      `output: z.object({}), system: 's', prompt: () => 'p', ${setting}`,
    )
    const agents = inside(
      'agents.mjs',
      `import { defineAgent } from 'agent-jobs'\nimport * as z from 'zod'\nexport const agents = { ask: ${prompt} }`,
    )
    expect(() => newStack({ agents, modelId })).toThrow(message)
    expect(() => newStack({ agents, modelId: 'amazon.nova-lite-v1:0' })).not.toThrow()
  })

  test('outside of the project is refused: it would find no agent-jobs', () => {
    const agents = join(newFolder(), 'agents.mjs')
    writeFileSync(agents, 'export const agents = {}')
    expect(() => newStack({ agents })).toThrow(/stands outside of the project that has it .*: move it into the project/)
  })

  test('written with another copy of agent-jobs is refused, with both places', () => {
    const folder = newFolder()
    const copy = join(folder, 'node_modules/agent-jobs')
    mkdirSync(copy, { recursive: true })
    writeFileSync(join(copy, 'package.json'), '{ "name": "agent-jobs", "version": "0.0.1" }')
    const agents = join(folder, 'agents.mjs')
    writeFileSync(agents, 'export const agents = {}')
    expect(() => newStack({ agents })).toThrow(
      /there are two: .*agents\.mjs finds .*node_modules\/agent-jobs, the CDK app/,
    )
  })
})

test('what one owner may have is checked, and false lifts a limit', () => {
  expect(checkOwnerLimits()).toEqual({ openJobs: 1000, jobsPerMinute: 300, highPriority: null })
  const lifted = { openJobs: false, jobsPerMinute: Number.POSITIVE_INFINITY, highPriority: ['paying'] } as const
  expect(checkOwnerLimits({ ...lifted, highPriority: ['paying'] })).toEqual({
    openJobs: null,
    jobsPerMinute: null,
    highPriority: ['paying'],
  })
  for (const openJobs of [0, -1, 1.5, 1001, Number.NaN]) {
    expect(() => checkOwnerLimits({ openJobs })).toThrow(
      `ownerLimits.openJobs must be a whole number from 1 to 1000, or false for any number, got ${openJobs}`,
    )
  }
})
