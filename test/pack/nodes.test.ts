import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ForeignProject } from './foreign-project.ts'
import { JOB_SCRIPT } from './job-script.ts'
import { readmeBlocks } from './readme-blocks.ts'

const app = new ForeignProject()
afterAll(() => app[Symbol.dispose]())

const node = (version: string) => join(app.folder, 'node_modules', `node-${version}`, 'bin/node')
const OURS = ['agent-jobs', '@agent-jobs/client', '@agent-jobs/local-cloud']

beforeAll(async () => {
  app.write({
    'package.json': { name: 'plain-app', private: true, type: 'module' },
    'src/agents.ts': readmeBlocks().agents,
    'doors.mjs': `import { createRequire } from 'node:module'
      const require = createRequire(import.meta.url)
      for (const door of ['agent-jobs', 'agent-jobs/cdk', 'agent-jobs/local']) {
        const [imported, required] = [await import(door), require(door)]
        for (const name of Object.keys(imported)) {
          // One copy, whichever way it came in: a failure thrown by one is a failure to the other.
          if (name !== 'default' && name !== 'module.exports' && imported[name] !== required[name]) throw new Error(door + ' has two ' + name)
        }
        console.log(door, Object.keys(required).length > 0)
      }`,
    'run.mjs': `import { startLocal } from 'agent-jobs/local'
      import { runJob } from './job.mjs'
      const cloud = await startLocal({ agents: 'src/agents.ts' })
      console.log(JSON.stringify(await runJob(cloud)))
      await cloud.close()`,
    'job.mjs': JOB_SCRIPT,
  })
  await app.install(
    OURS,
    'aws-cdk-lib@2.276.0',
    'constructs@10',
    'zod@4',
    ...['18.20.8', '20.19.0', '22.12.0', '24'].map((version) => `node-${version.split('.')[0]}@npm:node@${version}`),
  )
  // npm may hold install scripts back until they are approved; this one puts the binary in place.
  await app.run(
    'npm',
    'rebuild',
    'node-18',
    'node-20',
    'node-22',
    'node-24',
    '--ignore-scripts=false',
    '--foreground-scripts',
  )
})

describe.each(['20', '22', '24'])('Node %s', (version) => {
  test('opens every door by import and by require, and both lead to the same', async () => {
    const printed = await app.run(node(version), 'doors.mjs')
    expect(printed.trim().split('\n')).toEqual(['agent-jobs true', 'agent-jobs/cdk true', 'agent-jobs/local true'])
  })

  test('runs a job of agents in TypeScript on the local cloud, without a CDK app of its own', async () => {
    expect(JSON.parse(await app.run(node(version), 'run.mjs'))).toEqual({ status: 'COMPLETE', error: null })
  })

  test('shows what the command can do', async () => {
    const printed = await app.run(node(version), 'node_modules/agent-jobs/dist/cli/agent-jobs.js', '--help')
    expect(printed).toMatch(/^ +dev +runs your agents/m)
  })
})

describe('an older Node is told which one is needed, in a line:', () => {
  test.each([
    ['the command', ['node_modules/agent-jobs/dist/cli/agent-jobs.js', 'dev']],
    ['the construct, by import', ['--input-type=module', '-e', 'import "agent-jobs/cdk"']],
    ['the construct, by require', ['-e', 'require("agent-jobs/cdk")']],
    ['the laptop, by import', ['--input-type=module', '-e', 'import "agent-jobs/local"']],
  ])('%s', async (_what, args) => {
    const { code, stderr } = await app.try(node('18'), ...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/agent-jobs\S* needs Node 20\.19 or newer, and this is Node 18\.20\.8/)
  })
})
