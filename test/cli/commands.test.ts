import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, onTestFinished, test } from 'vitest'

const CLI = join(import.meta.dirname, '../../cli')
const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function run(command: string, ...args: string[]) {
  // Colours are for people, and CI counts as one.
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, ['--conditions=source', join(CLI, command), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...output }))
  return { child, ended }
}

test('the demo shows each job from PENDING to COMPLETE, prints the results and exits 0', async () => {
  const { code, stdout } = await run('demo.ts').ended
  expect(code).toBe(0)
  for (const name of ['analyzeTask', 'breakdownProject', 'planDay', 'recommendTask'])
    for (const status of ['PENDING', 'PROCESSING', 'COMPLETE'])
      expect(stdout).toMatch(new RegExp(`^${name} +${status}$`, 'm'))
  expect(stdout).toContain('no language model was asked')
  expect(stdout).toContain('4 of 4 jobs COMPLETE')
})

test('demo --json prints a JSON line for each status that the subscriber was pushed, and nothing else', async () => {
  const { code, stdout } = await run('demo.ts', '--json').ended
  expect(code).toBe(0)
  const lines = stdout.trim().split('\n')
  const changes = lines.map((line) => JSON.parse(line) as { queryType: string; status: string; result: object | null })
  const byAgent = Object.groupBy(changes, ({ queryType }) => queryType)
  expect(Object.keys(byAgent).sort()).toEqual(['analyzeTask', 'breakdownProject', 'planDay', 'recommendTask'])
  for (const jobs of Object.values(byAgent)) {
    expect(jobs?.map(({ status }) => status)).toEqual(['PENDING', 'PROCESSING', 'COMPLETE'])
    expect(jobs?.at(-1)?.result).toBeTypeOf('object')
  }
})

test('start prints its endpoints and a ready line, and ends on SIGTERM', async () => {
  const { child, ended } = run('start.ts', '--port', '0', '--in-memory')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    lines.push(line)
    if (line.includes('ready in')) break
  }
  const url = /http:\/\/127\.0\.0\.1:\d+\/graphql/.exec(lines.join('\n'))?.[0]
  const response = await fetch(url as string, { method: 'POST', body: '{}' })
  expect(response.status).toBe(401)
  expect(lines.join('\n')).toMatch(/alice, bob, admin/)
  expect(lines.join('\n')).toMatch(/Not emulated.*AWS::IAM::Role/)
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0 })
})

test('a busy port is one line that says so and the way out', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const { code, stderr } = await run('start.ts', '--in-memory', '--port', String(port)).ended
  other.close()
  expect(code).toBe(1)
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(new RegExp(`port ${port} is in use by another program; choose another with --port`)),
  ])
})

test.each([
  [['--port', 'x'], /--port must be a whole number from 0 to 65535, got x/],
  [['--model', 'gpt'], /--model must be offline, openai:<url>#<model>.*got "gpt"/],
  [['--model', 'openai:http://127.0.0.1:1#m'], /No model server answers at http:\/\/127\.0\.0\.1:1.*--model offline/],
  [['--dynamodb', 'http://127.0.0.1:1', '--port', '0'], /DynamoDB at http:\/\/127\.0\.0\.1:1 does not answer/],
  [
    ['--agents', 'none.ts', '--port', '0'],
    /agents must be the path of a module that exports `agents`, .* there is no none\.ts/,
  ],
])('start %j is refused in one line', async (args, message) => {
  const { code, stderr } = await run('start.ts', '--in-memory', ...args).ended
  expect(code).toBe(1)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(message)
})

test('an option that does not exist shows those that do', async () => {
  const { code, stderr } = await run('start.ts', '--frob').ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/--frob[\s\S]*--in-memory/)
})

test('after a deploy, amplify_outputs.json is written from the outputs of the stack', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [from, to] = [join(folder, 'cdk-outputs.json'), join(folder, 'amplify_outputs.json')]
  const url = 'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql'
  const outputs = { GraphQLUrl: url, Region: 'eu-west-1', UserPoolId: 'eu-west-1_x', UserPoolClientId: 'c' }
  expect(await run('outputs/write-outputs.ts', from, to).ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cdk-outputs\.json is not there/),
  })
  writeFileSync(
    from,
    JSON.stringify({ AgentJobs: outputs, Other: { ...outputs, GraphQLUrl: 'https://other/graphql' } }),
  )
  expect(await run('outputs/write-outputs.ts', from, to).ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/several sets of agent jobs: name one of AgentJobs, Other by --stack/),
  })
  expect(await run('outputs/write-outputs.ts', from, to, '--stack', 'AgentJobs').ended).toMatchObject({ code: 0 })
  expect(JSON.parse(readFileSync(to, 'utf8'))).toMatchObject({
    auth: { user_pool_id: 'eu-west-1_x' },
    data: { url, default_authorization_type: 'AMAZON_COGNITO_USER_POOLS', model_introspection: { version: 1 } },
  })
})
