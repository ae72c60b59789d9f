import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  COMMAND_OPTIONS,
  COMMAND_USAGE,
  closeOnSignal,
  keepPrivate,
  readCommand,
} from '@agent-jobs/local-cloud/command'
import pc from 'picocolors'
import { offlineModel } from '../local/offline-model.ts'
import { LOCAL_PASSWORD, LOCAL_USERS, type LocalCloud, startLocal } from '../local/start-local.ts'
import { exitOnError } from './exit-on-error.ts'
import { amplifyOutputsOf } from './outputs/amplify-outputs.ts'

const OUTPUTS_FILE = '.local/amplify_outputs.json'

const USAGE = `agent-jobs dev [options]

  Runs agent jobs on this machine: those of --agents, or of your own CDK app by --app.

  --agents <file>     the module that exports your agents (default: the agents that come along)
  --set <name>        which agent jobs of the app, where it has several: <stack> or <stack>.<prefix of its outputs>
${COMMAND_USAGE}
`

await exitOnError(USAGE, async () => {
  const began = performance.now()
  const { values } = parseArgs({
    options: { ...COMMAND_OPTIONS, agents: { type: 'string' }, set: { type: 'string' } },
  })
  if (values.help) return console.log(USAGE)
  keepPrivate()
  const options = await readCommand(values, offlineModel())
  const cloud = await startLocal({ ...options, agents: values.agents, set: values.set, say: console.log })
  closeOnSignal(cloud)
  print(cloud, values.model, options.state ?? 'in memory')
  console.log(`${pc.green('ready')} in ${((performance.now() - began) / 1000).toFixed(1)} s · Ctrl-C stops it`)
})

function print(cloud: LocalCloud, model: string, state: string) {
  const { GraphQLUrl, RealtimeUrl, AgentJobTableName } = cloud.outputs
  mkdirSync('.local', { recursive: true })
  writeFileSync(OUTPUTS_FILE, `${JSON.stringify(amplifyOutputsOf(cloud.outputs), null, 2)}\n`)
  const rows = [
    ['GraphQL', GraphQLUrl],
    ['Realtime', RealtimeUrl],
    ['AWS SDKs, CLI', `AWS_ENDPOINT_URL=${cloud.url}  (any credentials, region ${cloud.identity.region})`],
    ['Table', AgentJobTableName],
    ['Users', `${LOCAL_USERS.join(', ')} (password "${LOCAL_PASSWORD}"; admin sees every job)`],
    ['Model', model],
    ['State', state],
    ['Front end', `${OUTPUTS_FILE} for Amplify.configure`],
    ['Not emulated', cloud.notEmulated.join(', ')],
    ...cloud.skipped.map((resource) => ['Passed over', resource]),
  ]
  console.log(pc.bold('\nAgent Jobs, local cloud'))
  for (const [name, value] of rows) console.log(`  ${pc.dim((name as string).padEnd(14))}${value}`)
}
