import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ForeignProject } from './foreign-project.ts'
import { JOB_SCRIPT } from './job-script.ts'
import { readmeBlocks } from './readme-blocks.ts'

/** The oldest CDK that the peer range allows: another one than this repository's. */
const OTHER_CDK = '2.257.0'

const app = new ForeignProject('foreign-app')
const STACK_FILE = 'lib/foreign-app-stack.ts'
afterAll(() => app[Symbol.dispose]())

beforeAll(async () => {
  await app.run(
    join(process.cwd(), 'node_modules/.bin/cdk'),
    'init',
    'app',
    '--language',
    'typescript',
    '--generate-only',
  )
  const stack = readFileSync(join(app.folder, STACK_FILE), 'utf8')
  const { agents, stackImport, stackLine } = readmeBlocks()
  app.write({
    'src/agents.ts': agents,
    [STACK_FILE]: `${stackImport}\n${OWN_IMPORTS}${stack.replace('// The code that defines your stack goes here', `${stackLine}\n${OWN_RESOURCES}`)}`,
    'lib/hello.js': `exports.handler = async ({ name }) => ({ hello: name })`,
    'run-job.mjs': RUN_JOB,
    'job.mjs': JOB_SCRIPT,
  })
  await app.install(
    ['agent-jobs', '@agent-jobs/client', '@agent-jobs/local-cloud'],
    `aws-cdk-lib@${OTHER_CDK}`,
    'zod@4',
    'ts-node@10',
    'typescript-5@npm:typescript@5.9',
  )
})

const OWN_IMPORTS = `import { Duration } from 'aws-cdk-lib'
import { Table, AttributeType } from 'aws-cdk-lib/aws-dynamodb'
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'
import { Queue } from 'aws-cdk-lib/aws-sqs'
`

// Grants and durations pass between the two packages: with a second aws-cdk-lib in the tree, none of it would compile.
const OWN_RESOURCES = `
    const hello = new Function(this, 'Hello', {
      runtime: Runtime.NODEJS_22_X, handler: 'hello.handler', code: Code.fromAsset('lib', { exclude: ['*.ts'] }),
    })
    jobs.tables.jobs.grantReadData(hello)
    new Queue(this, 'Own', { visibilityTimeout: Duration.seconds(30) })
    new Table(this, 'Notes', { partitionKey: { name: 'id', type: AttributeType.STRING } })
`

const RUN_JOB = `import { startLocal } from 'agent-jobs/local'
import { runJob } from './job.mjs'

await using cloud = await startLocal({ app: process.argv[2] })
console.log(JSON.stringify(await runJob(cloud)))
const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0' }
const { Functions } = await (await fetch(cloud.url + '/2015-03-31/functions/', { headers })).json()
console.log(JSON.stringify(Functions.map(({ FunctionName }) => FunctionName)))
`

describe("an app as `cdk init` makes it, with the README's lines and resources of its own", () => {
  test('has one aws-cdk-lib, its own', async () => {
    const { dependencies } = JSON.parse(await app.run('npm', 'ls', 'aws-cdk-lib', '--json'))
    expect(dependencies['aws-cdk-lib'].version).toBe(OTHER_CDK)
    expect(dependencies['agent-jobs'].dependencies['aws-cdk-lib']).toMatchObject({ version: OTHER_CDK })
  })

  test('compiles and synthesizes', async () => {
    await app.run('npx', 'tsc')
    const template = await app.run('npx', 'cdk', 'synth', '--quiet', '--app', `npx tsx bin/foreign-app.ts`)
    expect(template).toBe('')
  })

  test.each([
    ['node16', 'node16'],
    ['commonjs', 'node10'],
  ])(
    'compiles with TypeScript 5 as module %s, resolution %s, and synthesizes under ts-node',
    async (module, moduleResolution) => {
      using other = app.sibling()
      const tsconfig = JSON.parse(readFileSync(join(app.folder, 'tsconfig.json'), 'utf8'))
      Object.assign(tsconfig.compilerOptions, { module, moduleResolution, isolatedModules: false })
      other.write({ 'tsconfig.json': tsconfig })
      await other.run('node', 'node_modules/typescript-5/bin/tsc', '--noEmit')
      const tsNode = `npx ts-node --compiler typescript-5 --prefer-ts-exts bin/foreign-app.ts`
      await other.run('npx', 'cdk', 'synth', '--quiet', '--app', tsNode)
    },
  )

  test('runs on the local cloud, its own resources beside: a job is COMPLETE', async () => {
    const lines = (await app.run('node', 'run-job.mjs', `npx tsx bin/foreign-app.ts`)).trim().split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ status: 'COMPLETE', error: null })
    expect(JSON.parse(lines[1] ?? '')).toEqual(expect.arrayContaining([expect.stringContaining('Hello')]))
  })
})
