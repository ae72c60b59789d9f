import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { DEFAULT_MODEL_ID } from '../../lib/model-access.ts'
import { jsonError, startFakeAws } from './fake-aws.ts'

const run = promisify(execFile)
const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', NO_COLOR: '1' }

const doctor = async (...args: string[]) => {
  const env = { ...process.env, ...ENV }
  const started = run(process.execPath, ['--conditions=source', 'cli/agent-jobs.ts', 'doctor', ...args], { env })
  return started.then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
}

test('prints a line a check and exits with 0, or with 1 when one fails; --json says the same', async () => {
  await using well = await startFakeAws()
  await using ill = await startFakeAws({ ssm: jsonError('ParameterNotFound', '') })
  const at = (url: string) => ['--region', 'eu-west-1', '--endpoint', url]
  const good = await doctor(...at(well.url))
  expect(good.code).toBe(0)
  expect(
    good.stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(0, 14).trim()),
  ).toEqual([...['✓ region', '✓ credentials', '✓ bootstrap', '✓ concurrency', '✓ model', '✓ converse']])
  const bad = await doctor(...at(ill.url), '--json')
  expect(bad.code).toBe(1)
  expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, checks: { 2: { check: 'bootstrap', ok: false } } })
})

test('asks by default for the model that the stack deploys', async () => {
  expect((await doctor('--help')).stdout).toContain(`default ${DEFAULT_MODEL_ID}`)
})

test.each([
  [['--endpoint', 'here'], /--endpoint must be a URL such as .* got here/],
  [['--max-concurrency', '1'], /--max-concurrency must be a whole number from 2 to 1000, got 1/],
])('refuses %j', async (args, message) => {
  expect(await doctor(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) })
})
