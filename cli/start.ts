import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import pc from 'picocolors'
import { LOCAL_PASSWORD, LOCAL_USERS, type LocalCloud, startLocal } from '../local/start-local.ts'
import { chooseModel } from './choose-model.ts'
import { exitOnError } from './exit-on-error.ts'
import { amplifyOutputs } from './outputs/amplify-outputs.ts'

const LOCAL = join(import.meta.dirname, '..', '.local')

const USAGE = `npm start -- [options]

  --port <n>          port of everything (default 4000; 0 takes any free one)
  --in-memory         keep nothing; without it tables, queues and token keys stay in .local/state
  --dynamodb <url>    use another DynamoDB, such as DynamoDB Local, instead of the embedded one
  --model <model>     who answers for Bedrock: offline (default: no language model at all),
                      openai:<url>#<model> (Ollama, llama.cpp, vLLM …) or bedrock:<model id> (real Bedrock, your credentials)
  --agents <file>     registry of agents to deploy (default agents/index.ts)
  --logs              print what the functions log
`

await exitOnError(USAGE, async () => {
  const began = performance.now()
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4000' },
      'in-memory': { type: 'boolean', default: false },
      dynamodb: { type: 'string' },
      model: { type: 'string', default: 'offline' },
      agents: { type: 'string' },
      logs: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const model = await chooseModel(values.model)
  const cloud = await startLocal({
    port: parsePort(values.port),
    state: values['in-memory'] ? undefined : join(LOCAL, 'state'),
    dynamodb: values.dynamodb,
    model,
    agents: values.agents,
    log: values.logs ? (source, line) => console.log(pc.dim(`${source} ${line}`)) : undefined,
  })
  closeOnSignal(cloud)
  printEndpoints(cloud, { model: values.model, state: values['in-memory'] ? 'in memory' : '.local/state' })
  console.log(`${pc.green('ready')} in ${((performance.now() - began) / 1000).toFixed(1)} s · Ctrl-C stops it`)
})

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`--port must be a whole number from 0 to 65535, got ${text}`)
}

function printEndpoints(cloud: LocalCloud, { model, state }: { model: string; state: string }) {
  const { GraphQLUrl, RealtimeUrl, AgentJobTableName } = cloud.outputs
  const file = join(LOCAL, 'amplify_outputs.json')
  mkdirSync(LOCAL, { recursive: true })
  writeFileSync(file, `${JSON.stringify(amplifyOutputs(cloud.outputs), null, 2)}\n`)
  const rows = [
    ['GraphQL', GraphQLUrl],
    ['Realtime', RealtimeUrl],
    ['AWS SDKs, CLI', `AWS_ENDPOINT_URL=${cloud.url}  (any credentials, region ${cloud.identity.region})`],
    ['Table', AgentJobTableName],
    ['Users', `${LOCAL_USERS.join(', ')} (password "${LOCAL_PASSWORD}"; admin sees every job)`],
    ['Model', model],
    ['State', state],
    ['Front end', `${relative(process.cwd(), file)} for Amplify.configure`],
    ['Not emulated', cloud.notEmulated.join(', ')],
  ]
  console.log(pc.bold('\nAgent Jobs, local cloud'))
  for (const [name, value] of rows) console.log(`  ${pc.dim((name as string).padEnd(14))}${value}`)
}

function closeOnSignal(cloud: LocalCloud) {
  const stop = async () => {
    await cloud.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
