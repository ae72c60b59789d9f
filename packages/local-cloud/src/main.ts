import { inspect, parseArgs } from 'node:util'
import { COMMAND_OPTIONS, COMMAND_USAGE, closeOnSignal, keepPrivate, readCommand } from './command.ts'
import { type Cloud, type CloudOptions, type CloudUser, startCloud } from './start-cloud.ts'

export const USAGE = `local-cloud [options]

  Runs what a CDK app describes on this machine: the app of ./cdk.json, or that of --app or --assembly.

${COMMAND_USAGE}
  --user <user>       <name>:<password>[:<group>,<group>], known to every user pool; may be given several times
`

/** The command local-cloud. What it throws becomes one line and exit code 1; DEBUG=1 shows where it comes from. */
export async function main(args: string[]): Promise<void> {
  try {
    await run(args)
  } catch (error) {
    console.error(`error ${process.env.DEBUG ? inspect(error) : (error as Error).message}`)
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) console.error(`\n${USAGE}`)
    process.exit(1)
  }
}

async function run(args: string[]): Promise<void> {
  const began = performance.now()
  const { values } = parseArgs({
    args,
    options: { ...COMMAND_OPTIONS, user: { type: 'string', multiple: true, default: [] as string[] } },
  })
  if (values.help) return console.log(USAGE)
  keepPrivate()
  const options: CloudOptions = { ...(await readCommand(values)), users: values.user.map(readUser) }
  const cloud = await startCloud(options)
  closeOnSignal(cloud)
  print(cloud, options, values.model)
  console.log(`ready in ${((performance.now() - began) / 1000).toFixed(1)} s · Ctrl-C stops it`)
}

function readUser(text: string): CloudUser {
  const [, username, password, groups] = /^([^:]+):([^:]+)(?::(.+))?$/.exec(text) ?? []
  if (!username || !password) throw new Error(`--user must be <name>:<password>[:<group>,<group>], got ${text}`)
  return { username, password, groups: groups?.split(',') ?? [] }
}

function print(cloud: Cloud, { users = [], state = 'in memory' }: CloudOptions, model: string): void {
  const row = (name: string, value: string) => console.log(`${name.padEnd(16)}${value}`)
  row('AWS SDKs, CLI', `AWS_ENDPOINT_URL=${cloud.url}  (any credentials, region ${cloud.identity.region})`)
  for (const { name, url } of cloud.graphqlApis) row('GraphQL', `${url}  (${name})`)
  if (users.length > 0) row('Users', users.map(({ username }) => username).join(', '))
  row('Model', model)
  row('State', state)
  for (const [stack, outputs] of Object.entries(cloud.stacks)) {
    console.log(stack)
    for (const [name, value] of Object.entries(outputs)) console.log(`  ${name} = ${value}`)
  }
  if (cloud.notEmulated.length > 0) row('Not emulated', cloud.notEmulated.join(', '))
  for (const resource of cloud.skipped) row('Passed over', resource)
}
