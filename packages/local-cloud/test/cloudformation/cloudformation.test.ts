import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
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
  {
    stackName: 'Test',
    template,
    assetPath: (key: string) => key,
    nested: () => stackOf({ Resources: {} })[0] as SynthesizedStack,
  },
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

test.each<[string, object, string]>([
  ['AWS::Lambda::Function', { PackageType: 'Image', Code: { ImageUri: 'uri' } }, 'a container image'],
  ['AWS::Lambda::Function', { Runtime: 'java21', Code: { S3Key: 'a' } }, 'runtime java21'],
  ['AWS::Lambda::Function', { Runtime: 'nodejs24.x', Code: { ZipFile: '…' } }, 'inline code, not an asset'],
  ['AWS::Lambda::Function', { Code: { S3Key: { Ref: 'Key' } } }, 'code in a bucket, not an asset'],
  ['AWS::Lambda::Function', { Code: { S3Key: 'asset.a.zip' } }, 'an archive; make its folder the asset'],
  ['AWS::AppSync::DataSource', { Type: 'AMAZON_EVENTBRIDGE' }, 'type AMAZON_EVENTBRIDGE'],
  ['AWS::AppSync::Resolver', { RequestMappingTemplate: '{}' }, 'a VTL mapping template, not JavaScript'],
  ['AWS::SNS::Subscription', { Protocol: 'sqs' }, 'delivers to sqs'],
])('what of a known type is not emulated is named too: %s %j', async (Type, Properties, what) => {
  const template = { Resources: { It: { Type, Properties: Properties as Record<string, unknown> } } }
  const named = `does not emulate ${Type} (It: ${what}). `
  await expect(deploy(stackOf(template), {} as Services)).rejects.toThrow(named)
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
  const folder = temporary()
  writeFileSync(join(folder, 'manifest.json'), '{')
  expect(() => readAssembly(folder)).toThrow(/manifest\.json must be JSON as cdk synth wrote it; synthesize again \(/)
})

test('an asset that is not there any more is told with where it should be', () => {
  const folder = temporary()
  const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content))
  write('manifest.json', {
    artifacts: {
      App: { type: 'aws:cloudformation:stack', properties: { templateFile: 'App.json' } },
      Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
    },
  })
  write('App.json', { Resources: {} })
  write('assets.json', { files: { a: { source: { path: 'asset.a' }, destinations: { d: { objectKey: 'a.zip' } } } } })
  const [stack] = readAssembly(folder)
  expect(() => stack?.assetPath('a.zip')).toThrow(/asset a\.zip, which is not at \S+asset\.a: .*; synthesize again/)
  expect(() => stack?.assetPath('b.zip')).toThrow(/asset b\.zip, which is not in \S+; synthesize again/)
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

test('an app runs in its directory as under the CDK CLI: with what was looked up before, and from a relative path', async () => {
  const project = temporary()
  const app = 'mkdir -p "$CDK_OUTDIR"; echo "$CDK_CONTEXT_JSON" > "$CDK_OUTDIR/manifest.json"'
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app, context: { zone: 'cdk.json' } }))
  writeFileSync(join(project, 'cdk.context.json'), JSON.stringify({ zone: 'looked up', vpc: 'looked up' }))
  const folder = await synthesize({ directory: relative(process.cwd(), project) })
  expect(folder).toMatch(new RegExp(`^${project}/\\.local/synth/`))
  expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
    zone: 'cdk.json',
    vpc: 'looked up',
  })
  expect(await synthesize({ directory: project, app: relative(project, folder) })).toBe(folder)
})

test('a file of the CDK CLI that is no JSON is named', async () => {
  const project = temporary()
  writeFileSync(join(project, 'cdk.json'), '{ "app": }')
  await expect(synthesize({ directory: project })).rejects.toThrow(/\/cdk\.json must be JSON: /)
})

test('an app that fails shows what it said, and leaves nothing behind to be taken for a template', async () => {
  const project = temporary()
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }))
  writeFileSync(join(project, 'app.mjs'), 'throw new Error("modelId must be …")')
  const options = { directory: project, cache: join(project, 'cache') }
  await expect(synthesize(options)).rejects.toThrow(
    /^the CDK app could not be synthesized: Error: modelId must be … \(`node app\.mjs` in \S+ ended with 1; DEBUG=1 shows all of it\)$/,
  )
  const failure = await synthesize(options).catch((error: Error) => error.cause as Error)
  expect(failure).toMatchObject({ message: expect.stringMatching(/it said:[\s\S]* at /) })
})

test.each([
  [{}, /there is no CDK app to run: \S+ has no cdk\.json with an `app`\. Name it by --app, .* by --assembly$/],
  [{ app: 'node -e 0' }, /: it said nothing \(`node -e 0` in \S+ wrote no cloud assembly; /],
  [{ app: 'no-such-program' }, /: .*not found \(`no-such-program` in \S+ ended with 127; /],
])('%j is told in a line', async (options, message) => {
  await expect(synthesize({ ...options, directory: temporary() })).rejects.toThrow(message)
})

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const queue = (more: object) => ({ Type: 'AWS::SQS::Queue', ...more })

test.each<[string, Partial<Template>, string]>([
  ['itself', { Resources: { A: queue({ Properties: { QueueName: { Ref: 'A' } } }) } }, 'A → A'],
  [
    'one that waits for it',
    {
      Resources: {
        A: queue({ Properties: { Tags: [{ Key: 'k', Value: { 'Fn::GetAtt': ['B', 'Arn'] } }] } }),
        B: queue({ Properties: { QueueName: { 'Fn::Sub': '${AWS::Region}-${C.QueueName}' } } }),
        C: queue({ DependsOn: 'A' }),
      },
    },
    'A → B → C → A',
  ],
  [
    'a condition that asks it',
    { Resources: {}, Conditions: { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::If': ['A', 1, 2] } } },
    'A → B → A',
  ],
])('a template in which something waits for %s is refused', async (_what, template, circle) => {
  const services = { appsync: { announce() {} } } as unknown as Services
  await expect(deploy(stackOf({ Resources: {}, ...template }), services)).rejects.toThrow(
    `the stack Test has a circular dependency: ${circle}`,
  )
})
