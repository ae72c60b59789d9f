import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { exitOnError } from '../exit-on-error.ts'
import { amplifyOutputs } from './amplify-outputs.ts'

const USAGE = `node cli/write-outputs.ts <file that cdk deploy --outputs-file wrote> <amplify_outputs.json to write>`

// npm runs this after a deploy: what a front end gives to Amplify.configure.
await exitOnError(USAGE, async () => {
  const [from, to] = process.argv.slice(2)
  if (!from || !to) throw new Error(`two files are needed: ${USAGE}`)
  if (!existsSync(from)) throw new Error(`${from} is not there: cdk deploy writes it at its end; did it deploy?`)
  const stacks = Object.entries(JSON.parse(readFileSync(from, 'utf8')) as Record<string, Record<string, string>>)
  const [, outputs] = stacks.find(([, { GraphQLUrl }]) => GraphQLUrl) ?? []
  if (!outputs) throw new Error(`${from} has no stack with the output GraphQLUrl, only ${stacks.map(([name]) => name)}`)
  writeFileSync(to, `${JSON.stringify(amplifyOutputs(outputs), null, 2)}\n`)
  console.log(`wrote ${to} for Amplify.configure`)
})
