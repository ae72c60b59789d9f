import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMAND_OPTIONS } from '../src/command.ts'
import { USAGE } from '../src/main.ts'

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language = '', text = '']) => ({
  language,
  text,
}))

/** What runs TypeScript here, where the README says tsx. */
const withoutTsx = (text: string) => text.replace('npx tsx', `\\"${process.execPath}\\"`)

/** The README's project: each of its files as it stands there. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, 'readme-'))
  for (const { text } of blocks) {
    const [, file] = /^\/\/ (\S+)\n/.exec(text) ?? []
    if (!file) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text.replace("'npx tsx bin/app.ts'", `"${withoutTsx('npx tsx')} bin/app.ts"`))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

test("the README's test passes in the README's project, as it stands", async () => {
  const conditions = ['source', 'node']
  const config = { ssr: { resolve: { conditions, externalConditions: conditions } } }
  writeFileSync(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(config)}`)
  const vitest = join(ROOT, '../../node_modules/vitest/vitest.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'run', '--root', folder], { cwd: folder })
  expect(stdout).toMatch(/Tests .*1 passed/)
})

test("the README's second line starts its app", async () => {
  const [first] = blocks.filter(({ language }) => language === 'sh')
  const command = /^npx local-cloud (.*)$/m.exec(first?.text ?? '')?.[1] ?? 'no command'
  const local = `"${process.execPath}" --conditions=source "${join(ROOT, 'src/bin.ts')}"`
  const child = spawn(`exec ${local} --port 0 --in-memory ${withoutTsx(command)}`, { cwd: folder, shell: true })
  const closed = once(child, 'close')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.startsWith('ready in')) break
  }
  child.kill()
  await closed
  expect(lines.join('\n')).toMatch(/^Shop\n {2}QueueUrl = http\S+Intake\w+\n {2}TableName = Shop-Orders\w+$/m)
})

test('the README lists the options of the command, names no other, and links only to files that are there', () => {
  const listed = blocks.find(({ language }) => language === '')?.text.trimEnd()
  expect(USAGE).toContain(listed)
  expect(listed?.split('\n').filter((line) => line.startsWith('  --'))).toHaveLength(
    Object.keys(COMMAND_OPTIONS).length, // without help, with user
  )
  const options = [...readme.matchAll(/(?<=[ `])--([a-z][a-z-]*)/g)].map(([, option = '']) => option)
  const known = [...Object.keys(COMMAND_OPTIONS), 'user', 'save-dev']
  expect(options.filter((option) => !known.includes(option))).toEqual([])
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
})
