import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundleFunctions, FUNCTION_NAMES } from '../../lib/function-bundles.ts'

const bundles = bundleFunctions(resolve('agents/index.ts'))

test.each([
  ['dispatch-jobs', 350_000],
  ['publish-changes', 350_000],
  ['run-job', 750_000],
  ['sweep-overdue', 350_000],
] as const)('%s is smaller than %i bytes', (name, limit) => {
  const size = Buffer.byteLength(bundles[name].javascript)
  expect(size).toBeGreaterThan(1_000)
  expect(size).toBeLessThan(limit)
})

test('publish-changes signs its one call itself and carries no AWS client', () => {
  expect(packagesIn('publish-changes').filter((name) => name.startsWith('@aws-sdk/client-'))).toEqual([])
})

test('no bundle carries the CDK, another function, or the packages of the laptop', () => {
  for (const name of FUNCTION_NAMES) {
    const foreign = ['aws-cdk-lib', 'constructs', 'graphql', 'aws-amplify', 'dynalite', 'fauxqs', 'esbuild']
    expect(packagesIn(name).filter((each) => foreign.includes(each))).toEqual([])
  }
})

test('an agent may import CommonJS packages: the bundle starts as Lambda starts it, and they work', async () => {
  const bundle = bundleFunctions(resolve('test/stack/commonjs-agents.mjs'))['run-job'].javascript
  expect(startedFromFile(bundle)).toBe('function\n')
})

test.each(FUNCTION_NAMES)('%s starts in an empty folder: it needs nothing but Node and its settings', (name) => {
  const { imports } = outputOf(name)
  const statically = imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path)
  expect(statically.filter((path) => !builtinModules.includes(path.replace(/^node:/, '')))).toEqual([])

  expect(startedFromFile(bundles[name].javascript)).toBe('function\n')
})

/** What a process says that loads the bundle. Not by `node -e`, which has `require` as a global. */
function startedFromFile(javascript: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'index.mjs'), javascript)
  writeFileSync(join(folder, 'start.mjs'), `import { handler } from './index.mjs'\nconsole.log(typeof handler)\n`)
  const options = { cwd: folder, env: SETTINGS, encoding: 'utf8' } as const
  return execFileSync(process.execPath, [join(folder, 'start.mjs')], options)
}

const SETTINGS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  QUEUE_URL_HIGH: 'https://sqs.us-east-1.amazonaws.com/000000000000/high',
  QUEUE_URL_NORMAL: 'https://sqs.us-east-1.amazonaws.com/000000000000/normal',
  QUEUE_URL_LOW: 'https://sqs.us-east-1.amazonaws.com/000000000000/low',
  SESSION_TABLE: 'AgentJobSession',
  JOB_TABLE: 'jobs',
  EVENT_TABLE: 'events',
  RESULT_BUCKET: 'results',
  RESULT_BUCKET_DOMAIN: 'results.s3.us-east-1.amazonaws.com',
  STALL_SECONDS: '60',
  GRAPHQL_URL: 'https://example.appsync-api.us-east-1.amazonaws.com/graphql',
  MODEL_ID: 'anthropic.claude-haiku-5-5',
  LEASE_SECONDS: '60',
  HEARTBEAT_SECONDS: '20',
  DEFAULT_TIMEOUT_SECONDS: '900',
  DEFAULT_MAX_ATTEMPTS: '3',
  RESULT_TTL_SECONDS: '604800',
}

function outputOf(name: (typeof FUNCTION_NAMES)[number]) {
  const found = Object.entries(bundles[name].metafile.outputs).find(([path]) => path.endsWith(`/${name}.mjs`))
  if (!found) throw new Error(`esbuild made no ${name}.mjs`)
  return found[1]
}

function packagesIn(name: (typeof FUNCTION_NAMES)[number]): string[] {
  const inputs = Object.entries(outputOf(name).inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const names = inputs.map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
  return [...new Set(names.filter((each) => each !== undefined))]
}
