import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitOnError } from '../../cli/exit-on-error.ts'
import { lintTemplate } from './cfn-lint.ts'
import { changeSteps, deploy, type Proof } from './change-steps.ts'
import { createCdk, createRun } from './commands.ts'
import { DeployedStack } from './deployed-stack.ts'
import { jobSteps } from './job-steps.ts'
import { Leftovers } from './leftovers.ts'
import { runSteps, type Step } from './steps.ts'
import { clientsOf, environmentOf } from './target.ts'
import { COSTS, openWorld, type World } from './world.ts'

const USAGE = `npm run test:deploy -- [options]

  Deploys the product's stack by the CDK's own CLI, runs jobs on it, changes, destroys and redeploys it. Without options on
  MiniStack, which it installs from PyPI into .local/ and starts with permissions enforced.

  --endpoint <url>   an emulator of AWS that runs already; nothing is left out of the stack for it
  --ca <file>        the certificate that its endpoint is to be trusted by
  --account <id>     AWS itself, and your account there: must be that of your credentials, and be bootstrapped
  --region <name>    default us-east-1
  --profile <name>   of your AWS configuration
  --model <id>       the Bedrock model; "fake" is a server of this script's own. Default: fake on emulators, else the stack's
  --model-host <ip>  where an emulator's functions reach this machine, for the fake model (default 127.0.0.1)
  --stack <name>     default AgentJobsProof

${COSTS}
`

const FOLDER = join(import.meta.dirname, '../../.local/deploy')

await exitOnError(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      endpoint: { type: 'string' },
      ca: { type: 'string' },
      account: { type: 'string' },
      region: { type: 'string', default: 'us-east-1' },
      profile: { type: 'string' },
      model: { type: 'string' },
      'model-host': { type: 'string', default: '127.0.0.1' },
      stack: { type: 'string', default: 'AgentJobsProof' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  mkdirSync(FOLDER, { recursive: true })
  const stop = new AbortController()
  // The first one ends what runs and cleans up; the second is Node's own, which ends at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)))
  }
  const world = await openWorld({ ...values, modelHost: values['model-host'] }, FOLDER)
  try {
    await prove(world, values.stack, stop.signal)
    console.log('\nall of it holds')
  } catch (error) {
    world.explain()
    throw error
  } finally {
    await world.close()
  }
})

async function prove(world: World, name: string, signal: AbortSignal): Promise<void> {
  const { context, target } = world
  const outputsFile = join(FOLDER, 'outputs.json')
  const env = environmentOf(target)
  const app = { stack: name, file: 'test/deploy/app.ts', output: join(FOLDER, 'cdk.out'), context }
  const run = createRun(env, signal)
  const proof: Proof = {
    stack: new DeployedStack(clientsOf(target), name, outputsFile),
    cdk: createCdk(run, app),
    run,
    outputsFile,
    leftovers: new Leftovers(),
  }
  const say = (line: string) => console.log(line)
  const begin: Step[] = [
    ...(world.python ? [lintTemplate(world.python, FOLDER, run)] : []),
    ...(target.endpoint
      ? [{ name: 'cdk bootstrap', run: () => proof.cdk('bootstrap', []).then(() => undefined) }]
      : []),
    { name: 'cdk deploy', run: () => deploy(proof).then(() => proof.stack.output('GraphQLUrl')) },
  ]
  try {
    await runSteps([...begin, ...jobSteps(proof.stack), ...changeSteps(proof)], say, signal)
  } finally {
    if (!world.isThrownAway) await cleanUp(proof, env, app)
  }
}

/** On an account, or an emulator that goes on, nothing of the proof is to stay. */
async function cleanUp({ leftovers, stack }: Proof, env: NodeJS.ProcessEnv, app: Parameters<typeof createCdk>[1]) {
  const cdk = createCdk(createRun(env, new AbortController().signal), app)
  await cdk('destroy', ['--force']).catch((error) =>
    console.error(`the stack could not be destroyed: ${error.message}`),
  )
  const left = await leftovers.remove(stack.clients)
  for (const line of left) console.error(`left behind: ${line}`)
}
