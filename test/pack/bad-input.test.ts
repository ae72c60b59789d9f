import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ForeignProject } from './foreign-project.ts'
import { readmeBlocks } from './readme-blocks.ts'

const app = new ForeignProject()
afterAll(() => app[Symbol.dispose]())

const { agents } = readmeBlocks()
const cdkApp = (more = '', agentsFile = 'src/agents.ts') => `import { App, Stack } from 'aws-cdk-lib'
import { CfnCluster } from 'aws-cdk-lib/aws-eks'
import { AgentJobs } from 'agent-jobs/cdk'
const stack = new Stack(new App(), 'Own')
new AgentJobs(stack, 'Jobs', { agents: '${agentsFile}' })
${more}
`
const UNKNOWN = `new CfnCluster(stack, 'Cluster', { roleArn: 'arn:aws:iam::000000000000:role/r', resourcesVpcConfig: { subnetIds: [] } })`
const BIN = 'node_modules/agent-jobs/dist/cli/agent-jobs.js'

beforeAll(async () => {
  app.write({
    'package.json': { name: 'bad-input', private: true, type: 'module' },
    'src/agents.ts': agents,
    'app.mjs': cdkApp(),
    'unknown.mjs': cdkApp(UNKNOWN),
    'broken.mjs': `throw new Error('no region for the stack')`,
    'outside.mjs': cdkApp('', '../elsewhere/agents.ts'),
    '../elsewhere/agents.ts': agents,
  })
  await app.install(
    ['agent-jobs', '@agent-jobs/client', '@agent-jobs/local-cloud'],
    'aws-cdk-lib@2.276.0',
    'constructs@10',
    'zod@4',
  )
})

/** What a user reads: the lines that are no stack and no source of somebody else's. */
async function complaint(command: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await app.try(command, ...args)
  expect(code).toBe(1)
  return stderr
}

describe('is told in one clear line, with the way out:', () => {
  test('a peer that is missing', async () => {
    const away = join(app.folder, 'node_modules/constructs-away')
    renameSync(join(app.folder, 'node_modules/constructs'), away)
    try {
      for (const args of [
        ['--input-type=module', '-e', 'import "agent-jobs/cdk"'],
        ['-e', 'require("agent-jobs/cdk")'],
      ]) {
        expect(await complaint('node', ...args)).toMatch(
          /^Error: agent-jobs\/cdk needs constructs beside it: npm install constructs$/m,
        )
      }
      expect(await complaint('node', BIN, 'dev', '--port', '0')).toMatch(/^error .*needs constructs beside it/m)
    } finally {
      renameSync(away, join(app.folder, 'node_modules/constructs'))
    }
  })

  test('two copies of agent-jobs in one tree', async () => {
    app.write({
      'src/nested/agents.ts': agents,
      'src/nested/node_modules/agent-jobs/package.json': { name: 'agent-jobs', version: '0.0.9' },
      'two.mjs': cdkApp('', 'src/nested/agents.ts'),
    })
    expect(await complaint('node', 'two.mjs')).toMatch(
      /^Error: agents must be written with the agent-jobs that deploys them, but there are two: src\/nested\/agents\.ts finds .*, the CDK app .*npm dedupe mends it\)$/m,
    )
    rmSync(join(app.folder, 'src/nested'), { recursive: true })
  })

  test('a file of agents outside of the project', async () => {
    expect(await complaint('node', 'outside.mjs')).toMatch(
      /^Error: agents must name a file that finds the package agent-jobs, and \.\.\/elsewhere\/agents\.ts does not, .*: move it into the project/m,
    )
    expect(await complaint('node', BIN, 'dev', '--port', '0', '--agents', '../elsewhere/agents.ts')).toMatch(
      /^error .*\/elsewhere\/agents\.ts.*move it into the project/m,
    )
  })

  test('an app that does not synthesize', async () => {
    expect(await complaint('node', BIN, 'dev', '--port', '0', '--app', 'node broken.mjs')).toMatch(
      /^error .*no region for the stack.*node broken\.mjs/m,
    )
    expect(await complaint('npx', 'local-cloud', '--port', '0', '--app', 'node broken.mjs')).toMatch(
      /no region for the stack.*node broken\.mjs/,
    )
  })

  test('a template with a resource that is not emulated, which may be passed over', async () => {
    for (const command of [
      ['node', BIN, 'dev'],
      ['npx', 'local-cloud'],
    ] as const) {
      const [program, ...args] = command
      const said = await complaint(program, ...args, '--port', '0', '--app', 'node unknown.mjs')
      expect(said).toMatch(/AWS::EKS::Cluster \(Cluster\).*--skip-unknown/)
      expect(said).not.toMatch(/^ {4}at /m)
    }
  })

  test('a command or an option that does not exist', async () => {
    expect(await complaint('node', BIN, 'develop')).toMatch(/^agent-jobs has no command develop$/m)
    expect(await complaint('node', BIN, 'dev', '--prot', '0')).toMatch(/Unknown option '--prot'/)
  })
})
