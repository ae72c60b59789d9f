import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { COMMAND_OPTIONS } from '../src/command.ts'

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

test("the README's code runs as it stands, with an app of one's own", async () => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const app = `${JSON.stringify(process.execPath)} --conditions=source ${join(ROOT, 'test/start-cloud/foreign-app.ts')}`
  const folder = mkdtempSync(join(import.meta.dirname, 'readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'snippet.ts'), code.replace("'npx tsx bin/app.ts'", JSON.stringify(app)))
  const args = ['--conditions=source', 'snippet.ts']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  expect(stdout).toMatch(/TableName.*QueueUrl.*\d{3}/s)
})

test('the README links only to files that are there, and names only options that there are', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  const options = [...readme.matchAll(/(?<=[ `])--([a-z-]+)/g)].map(([, option = '']) => option)
  const known = [...Object.keys(COMMAND_OPTIONS), 'user', 'save-dev']
  expect(options.filter((option) => !known.includes(option))).toEqual([])
})
