import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../src/bin.ts')
const APP = `"${process.execPath}" --conditions=source "${join(import.meta.dirname, 'foreign-app.ts')}"`

/** A project that has nothing: the commands of these tests say all that they need. */
const folder = mkdtempSync(join(tmpdir(), 'local-cloud-'))
afterAll(() => rmSync(folder, { recursive: true }))

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function run(args: string[], nodeArgs: string[] = []) {
  const child = spawn(process.execPath, [...nodeArgs, '--conditions=source', BIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...said }))
  return { child, ended }
}

test('starts an app, says what there is and what not, and ends on SIGTERM', async () => {
  const user = ['--user', 'kim:secret:admins,staff', '--user', 'lee:secret']
  const { child, ended } = run([
    '--port',
    '0',
    '--in-memory',
    '--app',
    APP,
    ...user,
    '-c',
    'unknown=1',
    '--skip-unknown',
  ])
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    lines.push(line)
    if (line.startsWith('ready in')) break
  }
  const text = lines.join('\n')
  for (const row of [
    /^AWS SDKs, CLI +AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+ /m,
    /^Users +kim, lee$/m,
    /^Model +offline$/m,
    /^State +in memory$/m,
    /^Data\n {2}.*\n? *TableName = Data-/m,
    /^Not emulated +AWS::IAM::Policy, AWS::IAM::Role$/m,
    /^Passed over +AWS::StepFunctions::StateMachine \(Machine\)$/m,
  ])
    expect(text).toMatch(row)
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})

test('tells its options', async () => {
  const { code, stdout } = await run(['--help']).ended
  expect(code).toBe(0)
  for (const option of ['--app', '--assembly', '--stack', '--user', '--skip-unknown']) expect(stdout).toContain(option)
})

describe('is refused in one line, with the way out:', () => {
  test.each([
    ['no app at all', [], /^error there is no CDK app to run: .*Name it by --app, or .* by --assembly$/],
    ['an assembly that is none', ['--assembly', '.'], /^error \. must be a cloud assembly, .*no manifest\.json$/],
    ['an app beside an assembly', ['--app', APP, '--assembly', '.'], /^error app goes without assembly: /],
    [
      'an app that fails',
      ['--app', 'node -e "throw new Error(42)"'],
      /^error .*: Error: 42 .*DEBUG=1 shows all of it\)$/,
    ],
    ['a resource that is not emulated', ['--app', APP, '-c', 'unknown=1'], /^error .*\(Machine\), .*--skip-unknown/],
    ['a user without a password', ['--user', 'kim'], /^error --user must be <name>:<password>\S+, got kim$/],
    ['a port that is none', ['--port', '70000'], /^error --port must be a whole number from 0 to 65535, got 70000$/],
    ['context without a value', ['-c', 'a'], /^error --context must be <name>=<value>, got a$/],
  ])('%s', async (_what, args, message) => {
    const { code, stderr } = await run(['--in-memory', ...args]).ended
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(message)])
  })

  test('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, stderr } = await run(['--in-memory', '--app', APP, '--port', String(port)]).ended
    other.close()
    expect(code).toBe(1)
    expect(stderr.trim()).toBe(
      `error port ${port} is in use by another program; choose another with --port, or --port 0 for any free one`,
    )
  })

  test('an older Node', async () => {
    const older = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })")}`
    const { code, stderr } = await run([], ['--import', older]).ended
    expect(code).toBe(1)
    expect(stderr.trim()).toBe('error local-cloud needs Node 20.19 or newer, and this is Node 20.18.3')
  })

  test('an option that there is not, with those that there are', async () => {
    const { code, stderr } = await run(['--frob']).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error Unknown option '--frob'[\s\S]*--assembly/)
  })
})
