import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deploy } from '../../src/cloudformation/deploy.ts'
import { resolve, type Scope } from '../../src/cloudformation/intrinsics.ts'
import { physicalName } from '../../src/cloudformation/physical-name.ts'
import type { Services } from '../../src/cloudformation/services.ts'
import { synthesize } from '../../src/cloudformation/synthesize.ts'
import { readAssembly, type SynthesizedStack, type Template } from '../../src/cloudformation/template.ts'

const scope: Scope = {
  template: {
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Mappings: { Sizes: { dev: { memory: 128 } } },
    Conditions: { IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }, IsProd: { 'Fn::Not': [{ Condition: 'IsDev' }] } },
    Resources: {},
  },
  parameters: { Stage: 'dev' },
  pseudoParameters: { 'AWS::Region': 'us-east-1' },
  ref: async (id) => `name-of-${id}`,
  attribute: async (id, name) => `${name}-of-${id}`,
  importValue: async (name) => `import-of-${name}`,
  stackOutput: async (stack, output) => `${output}-of-${stack}`,
}

test.each<[string, unknown, unknown]>([
  ['Ref of a resource', { Ref: 'Table' }, 'name-of-Table'],
  ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
  ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
  ['GetAtt', { 'Fn::GetAtt': ['Api', 'GraphQLUrl'] }, 'GraphQLUrl-of-Api'],
  ['GetAtt with a dotted name', { 'Fn::GetAtt': ['Nested', 'Outputs.Url'] }, 'Outputs.Url-of-Nested'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }]] }, 'a-dev'],
  ['Sub', { 'Fn::Sub': 'arn:${AWS::Region}:${Table.Arn}:${!Literal}' }, 'arn:us-east-1:Arn-of-Table:${Literal}'],
  ['Sub with variables', { 'Fn::Sub': ['${A}/${Stage}', { A: { Ref: 'Table' } }] }, 'name-of-Table/dev'],
  ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] }, 128],
  ['If', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'no'],
  ['NoValue in an object', { a: { 'Fn::If': ['IsProd', 1, { Ref: 'AWS::NoValue' }] }, b: 2 }, { b: 2 }],
  ['NoValue in a list', [{ Ref: 'AWS::NoValue' }, 1], [1]],
  ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'One:${Stage}' } }, 'import-of-One:dev'],
  ['GetStackOutput', { 'Fn::GetStackOutput': { StackName: 'One', OutputName: 'Url', Region: 'r' } }, 'Url-of-One'],
  ['GetAZs', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  ['Length', { 'Fn::Length': [1, 2] }, 2],
  ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Stage' } } }, '{"a":"dev"}'],
  ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
  ['what is no function', { Ref: 'Table', other: 1 }, { Ref: 'Table', other: 1 }],
])('%s', async (_, value, expected) => {
  expect(await resolve(value, scope)).toEqual(expected)
})

test('a function that is not known is named', async () => {
  await expect(resolve({ 'Fn::Cidr': [] }, scope)).rejects.toThrow(/Fn::Cidr; it knows Ref, Fn::GetAtt/)
})

const stackOf = (template: Template) => [
  { stackName: 'Test', template, assetPath: () => '', nested: () => stackOf({ Resources: {} })[0] as SynthesizedStack },
]

test('resources that are not emulated stop the start, all of them named, before anything is created', async () => {
  const template = {
    Resources: {
      Cache: { Type: 'AWS::ElastiCache::CacheCluster' },
      Queue: { Type: 'AWS::SQS::Queue' },
      Machine: { Type: 'AWS::StepFunctions::StateMachine' },
      Role: { Type: 'AWS::IAM::Role' },
    },
  }
  await expect(deploy(stackOf(template), {} as Services)).rejects.toThrow(
    /does not emulate AWS::ElastiCache::CacheCluster \(Cache\), AWS::StepFunctions::StateMachine \(Machine\)\. .*--skip-unknown.*It emulates .*AWS::SQS::Queue/,
  )
})

test('a resource has the name of its stack and logical id, in 64 characters, and each its own', () => {
  expect(physicalName('Shop', 'Orders4F2C')).toBe('Shop-Orders4F2C')
  const names = ['One', 'Two'].map((id) =>
    physicalName('a-stack-in-a-stack-whose-names-were-made-by-some-tool', `Schedule${id}`),
  )
  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(name).toMatch(/^a-stack-in-a-stack-whose-Schedule(One|Two)-[0-9A-F]{12}$/)
  expect(physicalName('s'.repeat(100), 'L'.repeat(100))).toHaveLength(64)
})

test('a folder that is no cloud assembly is told as what it is', () => {
  expect(() => readAssembly('/nowhere')).toThrow(/\/nowhere must be a cloud assembly, a folder that cdk synth wrote/)
})

test('an app is synthesized once, and again when a source or the context changes', async () => {
  const project = temporary()
  mkdirSync(join(project, 'bin'))
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app: 'node bin/app.mjs', context: { size: 1 } }))
  writeFileSync(join(project, 'bin/extra.ts'), 'one')
  writeFileSync(
    join(project, 'bin/app.mjs'),
    `import { appendFileSync, writeFileSync } from 'node:fs'
     appendFileSync('runs', process.env.CDK_CONTEXT_JSON + '\\n')
     writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', '{}')`,
  )
  const runs = () => readFileSync(join(project, 'runs'), 'utf8').trim().split('\n')
  const options = { directory: project, cache: join(project, 'cache'), sources: ['cdk.json', 'bin/extra.ts'] }
  const first = await synthesize(options)
  expect(await synthesize(options)).toBe(first)
  expect(runs()).toHaveLength(1)
  writeFileSync(join(project, 'bin/extra.ts'), 'two')
  expect(await synthesize(options)).not.toBe(first)
  await synthesize({ ...options, context: { agents: 'bin/extra.ts' } })
  expect(runs()).toHaveLength(3)
  expect(JSON.parse(runs()[2] as string)).toMatchObject({ size: 1, agents: 'bin/extra.ts' })
})

test('an app that fails shows what it said, and leaves nothing behind to be taken for a template', async () => {
  const project = temporary()
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }))
  writeFileSync(join(project, 'app.mjs'), 'throw new Error("modelId must be …")')
  const options = { directory: project, cache: join(project, 'cache') }
  await expect(synthesize(options)).rejects.toThrow(
    /^the CDK app could not be synthesized: Error: modelId must be … \(`node app\.mjs` in \S+ ended with 1\)$/,
  )
  await expect(synthesize(options)).rejects.toThrow(/could not be synthesized/)
})

test.each([
  [{}, /there is no CDK app to run: \S+ has no cdk\.json with an `app`\. Name it by --app/],
  [{ app: 'node -e 0' }, /: it said nothing \(`node -e 0` in \S+ wrote no cloud assembly\)/],
  [{ app: 'no-such-program' }, /: .*not found \(`no-such-program` in \S+ ended with 127\)/],
])('%j is told in a line', async (options, message) => {
  await expect(synthesize({ ...options, directory: temporary() })).rejects.toThrow(message)
})

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
