import { createBedrock, type ModelAnswerer, offline } from './bedrock/index.ts'
import { type Clock, ManualClock, systemClock } from './clock.ts'
import { createAppSyncApis } from './cloudformation/appsync-apis.ts'
import { type Deployment, type DeployOptions, deploy } from './cloudformation/deploy.ts'
import type { GraphQLApi, Services } from './cloudformation/services.ts'
import { type SynthesizeOptions, synthesize } from './cloudformation/synthesize.ts'
import { readAssembly, type SynthesizedStack } from './cloudformation/template.ts'
import type { Cognito } from './cognito/cognito.ts'
import type { CreateUserOptions } from './cognito/user-pools.ts'
import type { DynamoDb } from './dynamodb/dynamodb.ts'
import { openEndpoint } from './endpoint.ts'
import { type Faults, noFaults, planFaults } from './faults/faults.ts'
import { checkOrigins } from './gate/origins.ts'
import { createLambda, type Lambda, type LambdaOptions } from './lambda/lambda.ts'
import { openStores } from './open-stores.ts'
import { routeTo } from './routes.ts'
import { createScheduler } from './scheduler/scheduler.ts'
import type { Identity } from './service.ts'
import type { Credentials } from './signature-v4.ts'
import type { Sqs } from './sqs/sqs.ts'
import { followTraffic } from './traffic.ts'

/** Somebody whom every user pool of the template knows. */
export type CloudUser = CreateUserOptions

export interface CloudOptions extends SynthesizeOptions, DeployOptions {
  /** A cloud assembly, the folder that `cdk synth` wrote, to run instead of a CDK app's. */
  assembly?: string
  /** The stacks to run, by name; all when left out. */
  stacks?: readonly string[]
  users?: readonly CloudUser[]
  /** Port of everything; 0, the default, takes any free one. */
  port?: number
  /** Folder that keeps tables, streams, queues and token keys over restarts; without it all of it is in memory. */
  state?: string
  /** Pages that may call it besides those of this machine, as `https://app.example.com`. */
  origins?: readonly string[]
  /** URL of another DynamoDB, such as DynamoDB Local, to use instead of the embedded one. */
  dynamodb?: string
  /** Answers for Bedrock; `offline()` when left out. */
  model?: ModelAnswerer
  /** Time of everything, the functions' timers too; with a ManualClock it stands still until `advance`. */
  clock?: Clock
  /** Makes `cloud.faults` work, by which a test breaks things: see src/faults/README.md. */
  faults?: boolean
  /** One environment for each concurrent invocation, as on Lambda; by default a function runs them all in one, which is faster. */
  environmentPerInvocation?: boolean
  /** A function's thread that does not answer for so many seconds is ended (default 5); one with a single invocation gets twice that. */
  unresponsiveSeconds?: number
  /** Told of each invocation whose environment ended under it, by its own fault or, unless `alone`, by another's. */
  onInvocationLost?: LambdaOptions['onInvocationLost']
  /** Takes what the functions log, one line a call; nothing is printed when left out. */
  log?(source: string, line: string): void
}

export interface Cloud extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: the endpoint for every AWS SDK client. */
  url: string
  port: number
  /** The outputs of all stacks, with their names in the template. */
  outputs: Record<string, string>
  /** The outputs of each stack, nested ones too, by its name. */
  stacks: Record<string, Record<string, string>>
  /** Where each GraphQL API of the stacks answers. */
  graphqlApis: GraphQLApi[]
  /** Types that stand in the template and do nothing here, such as roles and alarms. */
  notEmulated: string[]
  /** Resources that were passed over by `skipUnknown`, as `Type (logical id)`, and why where it is not the type. */
  skipped: string[]
  identity: Identity
  /** What the stack itself signs with, new at each start: AppSync's IAM takes these, and no others. */
  credentials: Credentials
  clock: Clock
  dynamodb: DynamoDb
  sqs: Sqs
  lambda: Lambda
  cognito: Cognito
  /** What can be broken on purpose; throws unless the cloud was started with `faults: true`. */
  readonly faults: Faults
  /** Moves a ManualClock on, timer by timer; after each, all that it set off comes to rest before time goes on. */
  advance(ms: number): Promise<void>
  /** Resolves when nothing goes on any more that does not wait for the ManualClock. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Starts what a CDK app describes in this process: its templates, on emulated services behind one port. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  if (options.app !== undefined && options.assembly !== undefined) {
    throw new Error('app goes without assembly: name the CDK app to run, or the folder that cdk synth wrote of it')
  }
  const all = readAssembly(options.assembly ?? (await synthesize(options)))
  const stacks = options.stacks ? chooseStacks(all, options.stacks) : all
  const closers: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const stop of closers.splice(0).reverse()) await stop()
  }
  try {
    const { services, faults, url, port } = await openServices(options, identityOf(stacks), closers)
    const deployment = await deploy(stacks, services, options)
    for (const resource of deployment.skipped) services.log(`passed over: ${resource}`)
    await services.lambda.warm()
    return assemble(services, deployment, { faults, url, port, close })
  } catch (error) {
    await close()
    throw error
  }
}

function chooseStacks(all: SynthesizedStack[], wanted: readonly string[]): SynthesizedStack[] {
  const names = all.map(({ stackName }) => stackName)
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`stacks must name stacks of the app: ${names.join(', ')}; got ${unknown}`)
  return all.filter(({ stackName }) => wanted.includes(stackName))
}

/** Where the stacks say that they are: an ARN or a region that a template spells out then leads to what stands here. */
function identityOf(stacks: SynthesizedStack[]): Identity {
  // What others depend on comes first, and it may be elsewhere: CloudFront's certificates are in us-east-1, whoever uses them.
  const last = [...stacks].reverse()
  return {
    accountId: last.find(({ account }) => account)?.account ?? '000000000000',
    region: last.find(({ region }) => region)?.region ?? 'us-east-1',
  }
}

async function openServices(options: CloudOptions, identity: Identity, closers: (() => Promise<void> | void)[]) {
  const clock = options.clock ?? systemClock
  const log = options.log ?? (() => {})
  let url = ''
  const endpointUrl = () => url
  const logLocal = (line: string) => log('local', line)
  const onClose = (stop: () => Promise<void> | void) => void closers.push(stop)
  const { dynamodb: remoteDynamodb, state, users } = options
  const stores = await openStores({ clock, identity, endpointUrl, state, remoteDynamodb, users, onClose })
  const { cognito, credentials, sqs } = stores
  const plan = options.faults ? planFaults() : undefined
  const dynamodb = plan ? plan.breakWrites(stores.dynamodb, identity.region) : stores.dynamodb
  const lambda = createLambda({ ...options, clock, identity, credentials, endpointUrl, log })
  closers.push(() => lambda.close())
  const scheduler = createScheduler({ clock, identity, lambda, sqs, log: logLocal })
  closers.push(() => scheduler.close())
  const reached = { clock, identity, credentials, endpointUrl, dynamodb, lambda, cognito, log: logLocal }
  const appsync = createAppSyncApis(reached)
  closers.push(() => appsync.close())
  const traffic = clock instanceof ManualClock ? followTraffic(clock) : undefined
  const answer = options.model ?? offline({ clock })
  const bedrock = createBedrock({ clock, answer, whileWaiting: traffic?.whileWaiting })
  const services: Services = { ...stores, ...reached, scheduler, appsync, faults: plan?.deliveries, onClose }
  const endpoint = await openEndpoint({
    port: options.port ?? 0,
    origins: checkOrigins(options.origins ?? []),
    ...routeTo({ ...services, bedrock, modelSpends: answer.spends ?? false }),
    watch: traffic?.watch,
  })
  url = endpoint.url
  closers.push(() => endpoint.close())
  // Whoever is asked to end still wants to write how far it came.
  closers.push(() => lambda.shutdown())
  const faults = plan?.orders({ lambda, cutSockets: appsync.cutSockets })
  return { services, faults, url, port: endpoint.port }
}

function assemble(
  { appsync, clock, cognito, credentials, dynamodb, identity, lambda, sqs }: Services,
  { notEmulated, outputs, skipped, stacks }: Deployment,
  { faults, url, port, close }: { faults?: Faults; url: string; port: number; close(): Promise<void> },
): Cloud {
  return {
    url,
    port,
    outputs,
    stacks,
    graphqlApis: appsync.all(),
    notEmulated,
    skipped,
    identity,
    credentials,
    clock,
    dynamodb,
    sqs,
    lambda,
    cognito,
    get faults() {
      return faults ?? noFaults()
    },
    advance: (ms) => manual(clock).advance(ms),
    settle: () => manual(clock).settle(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function manual(clock: Clock): ManualClock {
  if (clock instanceof ManualClock) return clock
  throw new Error('clock must be a ManualClock to be moved: startCloud({ clock: new ManualClock(), … })')
}
