import { checkModel, type ModelAnswerer, modelAnswerer, parseModel } from './bedrock/index.ts'
import { checkOrigins } from './gate/origins.ts'
import type { Cloud, CloudOptions } from './start-cloud.ts'

/** The options of a command that starts a cloud, as `parseArgs` of node:util takes them. */
export const COMMAND_OPTIONS = {
  app: { type: 'string' },
  assembly: { type: 'string' },
  stack: { type: 'string', multiple: true, default: [] as string[] },
  context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
  parameter: { type: 'string', multiple: true, default: [] as string[] },
  'skip-unknown': { type: 'boolean', default: false },
  port: { type: 'string', default: '4000' },
  origin: { type: 'string', multiple: true, default: [] as string[] },
  state: { type: 'string', default: '.local/state' },
  'in-memory': { type: 'boolean', default: false },
  dynamodb: { type: 'string' },
  model: { type: 'string', default: 'offline' },
  'environment-per-invocation': { type: 'boolean', default: false },
  logs: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export const COMMAND_USAGE = `  --app <command>     the CDK app, as in cdk.json's "app"
  --assembly <folder> a folder that cdk synth wrote, instead of an app
  --stack <name>      run this stack; may be given several times (default: all of the app)
  --context <k=v>     CDK context on top of cdk.json's; may be given several times
  --parameter <k=v>   value of a stack's parameter; may be given several times
  --skip-unknown      pass over resources that are not emulated, and say which
  --port <n>          port of everything (default 4000; 0 takes any free one)
  --origin <origin>   let pages of this origin call too, such as https://app.example.com; may be given several times
  --state <folder>    keeps tables, queues and token keys (default .local/state)
  --in-memory         keep nothing
  --dynamodb <url>    use another DynamoDB, such as DynamoDB Local, instead of the embedded one
  --model <model>     who answers for Bedrock: offline (default: no language model at all),
                      openai:<url>#<model> (Ollama, llama.cpp, vLLM …) or bedrock:<model id> (real Bedrock, your credentials)
  --environment-per-invocation
                      a thread for each invocation that runs, as on Lambda, instead of one for all of a function
  --logs              print what the functions log`

interface CommandValues {
  app?: string
  assembly?: string
  stack: string[]
  context: string[]
  parameter: string[]
  'skip-unknown': boolean
  port: string
  origin: string[]
  state: string
  'in-memory': boolean
  dynamodb?: string
  model: string
  'environment-per-invocation': boolean
  logs: boolean
}

/** What the values of these options ask of `startCloud`; throws, in a line, for one that cannot be. */
export async function readCommand(values: CommandValues, offlineModel?: ModelAnswerer): Promise<CloudOptions> {
  return {
    app: values.app,
    assembly: values.assembly,
    stacks: values.stack.length > 0 ? values.stack : undefined,
    context: readPairs('--context', values.context),
    parameters: readPairs('--parameter', values.parameter),
    skipUnknown: values['skip-unknown'],
    port: readPort(values.port),
    origins: checkOrigins(values.origin),
    state: values['in-memory'] ? undefined : values.state,
    dynamodb: values.dynamodb,
    model: await chooseModel(values.model, offlineModel),
    environmentPerInvocation: values['environment-per-invocation'],
    log: values.logs ? (source, line) => console.log(`${source} ${line}`) : undefined,
  }
}

/** The answerer that `--model` names; throws when it is wrong or the model's server does not answer. */
export async function chooseModel(text: string, offlineModel?: ModelAnswerer): Promise<ModelAnswerer> {
  const choice = parseModel(text)
  const missing = await checkModel(choice)
  if (missing) throw new Error(missing)
  return modelAnswerer(choice, offlineModel)
}

/** What this process writes, the state above all, is for nobody else on the machine. */
export function keepPrivate(): void {
  process.umask(0o077)
}

/** Ends the process in order when it is asked to end. */
export function closeOnSignal(cloud: Cloud): void {
  const stop = async () => {
    await cloud.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`--port must be a whole number from 0 to 65535, got ${text}`)
}

function readPairs(option: string, pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Error(`${option} must be <name>=<value>, got ${pair}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
