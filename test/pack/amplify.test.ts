import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ForeignProject } from './foreign-project.ts'
import { JOB_SCRIPT } from './job-script.ts'
import { readmeBlocks } from './readme-blocks.ts'

const app = new ForeignProject()
afterAll(() => app[Symbol.dispose]())

const { agents, stackImport } = readmeBlocks()

beforeAll(async () => {
  app.write({
    'package.json': { name: 'amplify-app', private: true },
    'amplify/package.json': { type: 'module' },
    'amplify/agents.ts': agents,
    'amplify/auth/resource.ts': `import { defineAuth } from '@aws-amplify/backend'
      export const auth = defineAuth({ loginWith: { email: true } })`,
    'amplify/backend.ts': `import { defineBackend } from '@aws-amplify/backend'
      ${stackImport}
      import { auth } from './auth/resource.js'

      const backend = defineBackend({ auth })
      const { userPool, userPoolClient } = backend.auth.resources
      new AgentJobs(backend.createStack('jobs'), 'Jobs', { agents: 'amplify/agents.ts', userPool, userPoolClient })`,
    'tsconfig.json': {
      compilerOptions: {
        target: 'es2022',
        module: 'es2022',
        moduleResolution: 'bundler',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
      },
      include: ['amplify'],
    },
    'synth.mjs': SYNTH,
    'run.mjs': RUN,
    'job.mjs': JOB_SCRIPT,
  })
  await app.install(
    ['agent-jobs', '@agent-jobs/client', '@agent-jobs/local-cloud'],
    '@aws-amplify/backend@1',
    'aws-cdk-lib@2.276.0',
    'constructs@10',
    'tsx@4',
    'typescript@5.9',
    'zod@4',
  )
})

// As `ampx` runs a backend: it says in the context which one it is, and where its assembly goes.
const SYNTH = `import { execFileSync } from 'node:child_process'
const context = { 'amplify-backend-namespace': 'app', 'amplify-backend-name': 'me', 'amplify-backend-type': 'sandbox' }
execFileSync('npx', ['tsx', 'amplify/backend.ts'], {
  stdio: 'inherit',
  env: { ...process.env, CDK_OUTDIR: 'out', CDK_VALIDATION: 'false', CDK_CONTEXT_JSON: JSON.stringify(context) },
})`

const RUN = `import { startLocal } from 'agent-jobs/local'
import { runJob } from './job.mjs'
await using cloud = await startLocal({ assembly: 'out' })
console.log(JSON.stringify(await runJob(cloud)))
`

test('the construct stands in a stack of an Amplify Gen 2 backend and asks its user pool', async () => {
  await app.run('npx', 'tsc')
  await app.run('node', 'synth.mjs')
  const out = join(app.folder, 'out')
  const nested = readdirSync(out).find((file) => /jobs[0-9A-F]{8}\.nested\.template\.json$/.test(file))
  const { Resources, Outputs } = JSON.parse(readFileSync(join(out, nested ?? 'no nested stack of jobs'), 'utf8'))
  const types = Object.values<{ Type: string; Properties: Record<string, unknown> }>(Resources)
  expect(types.some(({ Type }) => Type === 'AWS::Cognito::UserPool')).toBe(false)
  const api = types.find(({ Type }) => Type === 'AWS::AppSync::GraphQLApi')
  expect(JSON.stringify(api?.Properties.UserPoolConfig)).toMatch(/"Ref":"reference\w*auth\w*UserPool\w*"/i)
  expect(Object.keys(Outputs)).toContain('JobsGraphQLUrl')
})

test('that backend runs on the local cloud: a job of a user of its pool is COMPLETE', async () => {
  expect(JSON.parse(await app.run('node', 'run.mjs'))).toEqual({ status: 'COMPLETE', error: null })
})
