import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { amplifySchema } from './generate/amplify-schema.ts'
import { readSchema } from './generate/api-schema.ts'
import { clientTypes } from './generate/client-types.ts'
import { derivedInputs } from './generate/derived-inputs.ts'
import { selectionModule } from './generate/selection.ts'

// npm run generate: what repeats the columns of graphql/schema.graphql is made from it. With --check nothing is written;
// it fails when a file differs from what would be.
const ROOT = join(import.meta.dirname, '..')
const SCHEMA = 'graphql/schema.graphql'
const HEAD = `// Made from ${SCHEMA} by \`npm run generate\`: change it there.\n\n`
const REGION = '# ---- From here on made from the types above by `npm run generate`: change them, not this. ----\n'

const given = readFileSync(join(ROOT, SCHEMA), 'utf8')
const [written = '', ...rest] = given.split(REGION)
if (rest.length !== 1) throw new Error(`${SCHEMA} must have this line once: ${REGION}`)
const schema = readSchema(written)

const files: Record<string, string> = {
  [SCHEMA]: `${written}${REGION}\n${derivedInputs(schema)}\n`,
  ...typeScriptFiles({
    'engine/push/job-fields.ts': selectionModule(schema, {
      jobFields: {
        type: 'AgentJob',
        says: 'Subscribers get what a mutation selects, and null for the rest: so all of it.',
      },
      eventFields: { type: 'AgentJobEvent', says: 'The same of an event.' },
    }),
    'packages/client/src/job-fields.ts': selectionModule(schema, {
      jobFields: { type: 'AgentJob', says: 'Every field of a job, as a selection.' },
    }),
    'packages/client/src/schema.ts': clientTypes(schema),
    'packages/client/src/amplify-schema.ts': amplifySchema(schema),
  }),
}

const differ = Object.keys(files).filter((file) => read(file) !== files[file])
if (!process.argv.includes('--check')) {
  for (const file of differ) writeFileSync(join(ROOT, file), files[file] as string)
  console.log(differ.length === 0 ? 'nothing has changed' : `written: ${differ.join(', ')}`)
} else if (differ.length > 0) {
  for (const file of differ) console.error(`${file} is not what ${SCHEMA} makes of it: run npm run generate`)
  process.exitCode = 1
}

function typeScriptFiles(modules: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(modules).map(([file, code]) => [file, formatted(file, HEAD + code)]))
}

function formatted(file: string, code: string): string {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  return execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], {
    cwd: ROOT,
    input: code,
    encoding: 'utf8',
  })
}

function read(file: string): string | undefined {
  return existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : undefined
}
