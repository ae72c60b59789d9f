import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { installPythonTools } from './python-tools.ts'

async function testDeploy(args: string[]) {
  const run = promisify(execFile)(process.execPath, ['--conditions=source', 'test/deploy/run.ts', ...args])
  return run.then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }) => ({ code, stderr }),
  )
}

test.each([
  [['--account', '1'], '--account must be the twelve digits of an AWS account, got 1'],
  [['--account', '123456789012', '--endpoint', 'http://127.0.0.1:1'], 'give one of them'],
  [['--account', '123456789012', '--model', 'fake'], 'which functions on AWS cannot reach'],
  [['--ca', 'file.pem'], '--ca goes with --endpoint'],
])('npm run test:deploy with %j is refused before anything is started', async (args, message) => {
  const { code, stderr } = await testDeploy(args)
  expect(code).toBe(1)
  expect(stderr).toContain(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('a machine without Python is told what it lacks', () => {
  vi.stubEnv('PATH', '/nowhere')
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
  expect(() => installPythonTools(folder)).toThrow(
    /Python 3\.10 or newer must be on the PATH .*--endpoint names an emulator/,
  )
})
