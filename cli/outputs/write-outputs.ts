import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { jobOutputs, type StackOutputs } from '../../local/job-outputs.ts'
import { exitOnError } from '../exit-on-error.ts'
import { amplifyOutputsOf } from './amplify-outputs.ts'

const USAGE = `agent-jobs outputs <from> <to> [options]

  Writes what a front end gives to Amplify.configure, such as amplify_outputs.json, from the file that
  cdk deploy --outputs-file <from> wrote.

  --stack <name>   which agent jobs, when several were deployed: a stack's name, or <stack>.<prefix of its outputs>
`

await exitOnError(USAGE, async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { stack: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) return console.log(USAGE)
  const [from, to, ...more] = positionals
  if (!from || !to || more.length > 0) throw new Error(`two files are needed, got ${positionals.length}\n\n${USAGE}`)
  writeFileSync(to, `${JSON.stringify(amplifyOutputsOf(jobOutputs(readStacks(from), values.stack)), null, 2)}\n`)
  console.log(`wrote ${to} for Amplify.configure`)
})

function readStacks(file: string): Record<string, StackOutputs> {
  if (!existsSync(file)) {
    throw new Error(`${file} is not there: cdk deploy --outputs-file ${file} writes it at its end; did it deploy?`)
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`${file} must be the JSON that cdk deploy --outputs-file writes: ${(cause as Error).message}`)
  }
}
