import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { appSyncSchema } from './api-schema.ts'

const MADE = [
  'graphql/schema.graphql',
  'engine/push/job-fields.ts',
  'packages/client/src/job-fields.ts',
  'packages/client/src/schema.ts',
  'packages/client/src/amplify-schema.ts',
]
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A copy of what the generator reads and writes. */
function copy() {
  const folder = mkdtempSync(join(tmpdir(), 'generate-'))
  folders.push(folder)
  for (const file of ['graphql/generate.ts', 'graphql/generate', 'biome.json', 'package.json', '.gitignore', ...MADE]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(file, join(folder, file), { recursive: true })
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  return {
    read,
    change(file: string, from: string, to: string) {
      expect(read(file)).toContain(from)
      writeFileSync(join(folder, file), read(file).replace(from, to))
    },
    generate(...args: string[]) {
      const { status, stderr, stdout } = spawnSync(process.execPath, [join(folder, 'graphql/generate.ts'), ...args], {
        encoding: 'utf8',
      })
      return { status, stdout, lines: stderr.trim().split('\n').filter(Boolean) }
    },
  }
}

const VERSION = '  version: Int!\n'

test('a column that was added to the schema is missing in each file until they are made anew', () => {
  const { change, generate, read } = copy()
  expect(generate('--check')).toEqual({ status: 0, stdout: '', lines: [] })
  change('graphql/schema.graphql', VERSION, `${VERSION}  """\n  How it felt.\n  """\n  mood: String\n`)
  const stale = generate('--check')
  expect(stale.status).toBe(1)
  // Amplify's types name the types of fields, not the fields.
  expect(stale.lines).toEqual(
    MADE.slice(0, 4).map((file) => `${file} is not what graphql/schema.graphql makes of it: run npm run generate`),
  )
  expect(generate()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^written: .*job-fields\.ts/) })
  expect(generate('--check')).toMatchObject({ status: 0 })
  expect(read('packages/client/src/schema.ts')).toContain('  /** How it felt. */\n  mood?: string | null\n')
  for (const file of MADE.slice(1, 3)) expect(read(file)).toMatch(/\bmood\b/)
  const inputs = read('graphql/schema.graphql').split('# ---- ')[1]
  for (const line of ['  mood: String\n', '  mood: ModelStringInput\n', '  mood: ModelSubscriptionStringInput\n']) {
    expect(inputs).toContain(line)
  }
})

test.each(MADE.map((file) => [file]))(
  '%s with a line of it changed by hand is named, and the command that mends it',
  (file) => {
    const { change, generate } = copy()
    const [from, to] = file.endsWith('.graphql')
      ? ['input JobErrorInput {\n  code: String!\n', 'input JobErrorInput {\n']
      : file.endsWith('amplify-schema.ts')
        ? ['  JobPriority: AmplifyEnum<JobPriority>\n', '']
        : file.endsWith('/schema.ts')
          ? ['  progressMessage?: string | null\n', '']
          : [' progressMessage', '']
    change(file, from as string, to as string)
    expect(generate('--check')).toMatchObject({
      status: 1,
      lines: [`${file} is not what graphql/schema.graphql makes of it: run npm run generate`],
    })
  },
)

test('a column of a type that has no operators says what to write', () => {
  const { change, generate } = copy()
  change('graphql/schema.graphql', VERSION, `${VERSION}  urgent: Boolean\n`)
  expect(generate().lines.join('\n')).toContain(
    'urgent is of type Boolean: write its operators into graphql/schema.graphql as input ModelBooleanInput',
  )
})

test('what is made of a type, an enum and a list that are new is a schema that holds', () => {
  const { change, generate, read } = copy()
  change('graphql/schema.graphql', VERSION, `${VERSION}  moods: [Mood!]\n  place: Place\n  mood: Mood\n`)
  change(
    'graphql/schema.graphql',
    'enum JobPriority {',
    'type Place {\n  room: String!\n}\n\nenum Mood {\n  GOOD\n  BAD\n}\n\nenum JobPriority {',
  )
  expect(generate()).toMatchObject({ status: 0 })
  const sdl = read('graphql/schema.graphql')
  expect(() => appSyncSchema(sdl)).not.toThrow()
  expect(sdl).toContain('input PlaceInput {\n  room: String!\n}')
  expect(sdl).toContain('input ModelMoodInput {\n  eq: Mood\n  ne: Mood\n}')
  expect(read('packages/client/src/schema.ts')).toContain("export type Mood = 'GOOD' | 'BAD'")
  expect(read('engine/push/job-fields.ts')).toContain('place { room }')
})
