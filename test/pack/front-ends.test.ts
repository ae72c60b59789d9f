import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ForeignProject } from './foreign-project.ts'

const app = new ForeignProject()
afterAll(() => app[Symbol.dispose]())

// The same few lines in both: what the README shows, typed from end to end.
const FOLLOW = `import { Amplify } from 'aws-amplify'
import { generateClient } from 'aws-amplify/data'
import { localCloud, submitJob, type AgentJob, type Schema } from '@agent-jobs/client'

const outputs = { version: '1.4', data: { url: 'http://127.0.0.1:4000/graphql', aws_region: 'us-east-1',
  default_authorization_type: 'AMAZON_COGNITO_USER_POOLS', authorization_types: [] },
  auth: { aws_region: 'us-east-1', user_pool_id: 'us-east-1_local', user_pool_client_id: 'local' } } as const

export async function follow(show: (job: AgentJob) => void): Promise<void> {
  Amplify.configure(outputs as never, localCloud(outputs, { username: 'alice' }))
  for await (const job of submitJob('summarize', { text: 'A long story.' })) show(job)
  const { data } = await generateClient<Schema>().models.AgentJob.list()
  console.log(data.map(({ id, status }) => id + status))
}
`

beforeAll(async () => {
  app.write({
    'package.json': { name: 'front-end', private: true, type: 'module' },
    'src/follow.ts': FOLLOW,
    'src/main.ts': `import { follow } from './follow'\nvoid follow((job) => { document.body.textContent = job.status })`,
    'index.html': '<!doctype html><body><script type="module" src="/src/main.ts"></script>',
    'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
      return <html><body>{children}</body></html>
    }`,
    'app/page.tsx': `'use client'
      import { useEffect, useState } from 'react'
      import { follow } from '../src/follow'
      export default function Page() {
        const [status, setStatus] = useState('')
        useEffect(() => void follow((job) => setStatus(job.status)), [])
        return <p>{status}</p>
      }`,
    'tsconfig.json': {
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023', 'dom', 'dom.iterable'],
        module: 'esnext',
        moduleResolution: 'bundler',
        jsx: 'react-jsx',
        strict: true,
        noEmit: true,
        types: ['react'],
        skipLibCheck: true,
      },
      include: ['src', 'app'],
    },
  })
  await app.install(
    ['@agent-jobs/client'],
    'aws-amplify@6',
    'vite@8',
    'next@16',
    'react@19',
    'react-dom@19',
    '@types/react@19',
    '@types/node@24',
    'typescript@5.9',
  )
})

test('the client installs nothing of the back end', async () => {
  const installed = await app.run('npm', 'ls', '--all', '--parseable')
  for (const name of ['aws-cdk-lib', 'esbuild', 'graphql', 'dynalite', 'zod/'])
    expect(installed.split('\n').filter((path) => path.includes(`@agent-jobs/client/node_modules/${name}`))).toEqual([])
  expect(installed).not.toMatch(/node_modules\/(aws-cdk-lib|constructs|dynalite|fauxqs|agent-jobs)$/m)
})

test('a front end type-checks against the client, without allowImportingTsExtensions', async () => {
  await app.run('npx', 'tsc')
})

test('Vite builds it, and leaves no module of Node for the browser to miss', async () => {
  const { code, stdout, stderr } = await app.try('npx', 'vite', 'build')
  expect(`${stdout}${stderr}`).not.toMatch(/externalized for browser compatibility/)
  expect(code).toBe(0)
  const [script = ''] = readdirSync(join(app.folder, 'dist/assets')).filter((file) => file.endsWith('.js'))
  const text = readFileSync(join(app.folder, 'dist/assets', script), 'utf8')
  expect(text).toContain('onUpdateAgentJob')
  expect(text).not.toMatch(/["']node:/)
})

test('Next.js builds it', async () => {
  const printed = await app.run('npx', 'next', 'build')
  expect(printed).toMatch(/\/ *$|┌ ○ \//m)
})
