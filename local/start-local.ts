import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join, resolve } from 'node:path'
import { type Cloud, type CloudOptions, startCloud } from '@agent-jobs/local-cloud'
import { systemClock } from '@agent-jobs/local-cloud/clock'
import type { SynthesizeOptions } from '@agent-jobs/local-cloud/cloudformation'
import { buildSync } from 'esbuild'
import { type JobOutputs, jobOutputs } from './job-outputs.ts'
import { endLostRuns } from './lost-runs.ts'
import { offlineModel } from './offline-model.ts'

/** The people every local user pool knows; `admin` is in the group `admins`. Their password is `LOCAL_PASSWORD`. */
export const LOCAL_USERS = ['alice', 'bob', 'admin'] as const
export type LocalUser = (typeof LOCAL_USERS)[number]
export const LOCAL_PASSWORD = 'local'

export interface LocalOptions extends Omit<CloudOptions, 'users' | 'sources' | 'cache'> {
  /**
   * The module that exports `agents`, for a stack that has nothing but agent jobs; this package's own agents when left
   * out. It goes without `app` and `assembly`, whose construct names its agents itself.
   */
  agents?: string
  /** Which agent jobs `outputs` and `token` are about, where the app has several: a stack, or `<stack>.<prefix>`. */
  set?: string
  /** Takes what whoever started this should know at once, a line a call; nothing is printed when left out. */
  say?(line: string): void
}

export interface LocalCloud extends Cloud {
  /** The outputs of the construct AgentJobs, by their plain names. */
  outputs: JobOutputs
  /** An access token of a local user, as Cognito would issue it. */
  token(user: LocalUser, expiresInSeconds?: number): Promise<string>
}

const { checkPeers } = createRequire(import.meta.url)('./open-door.cjs') as {
  checkPeers(door: string, peers: string[]): void
}

/** This package: beside this folder stand the app and what it deploys, as TypeScript here and compiled where it is installed. */
const PACKAGE = join(import.meta.dirname, '..')
const EXTENSION = extname(import.meta.filename)

/** What the template is made from: when none of these has changed, neither has the template. */
const SOURCES = ['bin', 'lib', 'lambda', 'engine', 'sdk', 'graphql', 'agents', 'cdk.json', 'package.json']

/** The CDK app that has nothing but agent jobs, as the local cloud synthesizes it. */
export function localApp(agents?: string): SynthesizeOptions {
  checkPeers('agent-jobs', ['aws-cdk-lib', 'constructs', 'zod'])
  const flags = EXTENSION === '.ts' ? '--conditions=source ' : ''
  const own = agents === undefined ? `agents/index${EXTENSION}` : undefined
  const path = own ? join(PACKAGE, own) : resolve(agents as string)
  if (!existsSync(path)) {
    throw new Error(
      `agents must be the path of a module that exports \`agents\`, from ${process.cwd()}; there is no ${agents}`,
    )
  }
  return {
    app: `"${process.execPath}" ${flags}"${join(PACKAGE, `bin/app${EXTENSION}`)}"`,
    directory: PACKAGE,
    cache: resolve('.local/synth'),
    sources: own ? SOURCES : [...SOURCES, ...agentSources(path)],
    // A laptop is no new account, which has ten concurrent Lambdas in all.
    context: { agents: path, maxConcurrency: '100' },
  }
}

/** Every file that the worker's bundle would read of somebody's agents, and what says which packages they get. */
function agentSources(path: string): string[] {
  try {
    const { metafile } = buildSync({
      entryPoints: [path],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    return [...Object.keys(metafile.inputs), 'package-lock.json'].map((file) => resolve(file))
  } catch {
    // Whoever synthesizes says what is wrong with them.
    return [path]
  }
}

/** Starts a whole stack of agent jobs in this process, or a CDK app that has one among other things. */
export async function startLocal(options: LocalOptions = {}): Promise<LocalCloud> {
  const { agents, set, say = () => {}, ...rest } = options
  const isOwnApp = options.app !== undefined || options.assembly !== undefined
  if (isOwnApp && agents !== undefined) {
    throw new Error('agents goes without app and assembly: the construct AgentJobs of the app names its agents itself')
  }
  const began = (options.clock ?? systemClock).now()
  const cloud: Cloud = await startCloud({
    ...rest,
    onInvocationLost: async (lost) => {
      await options.onInvocationLost?.(lost)
      await endLostRuns(cloud, lost, say)
    },
    ...(isOwnApp ? {} : withContext(localApp(agents), options)),
    model: options.model ?? offlineModel({ clock: options.clock }),
    users: LOCAL_USERS.map((username) => ({
      username,
      password: LOCAL_PASSWORD,
      groups: username === 'admin' ? ['admins'] : [],
    })),
  })
  try {
    if (options.state) handOverDead(cloud, began)
    const outputs = jobOutputs(cloud.stacks, set, '--set (set)')
    const { UserPoolId, UserPoolClientId: clientId } = outputs
    return Object.assign(cloud, {
      outputs,
      token: (user: LocalUser, expiresInSeconds?: number) =>
        cloud.cognito.token(UserPoolId, user, { clientId, expiresInSeconds }),
    })
  } catch (error) {
    await cloud.close()
    throw error
  }
}

/** Its workers died with the cloud that kept this state: nobody needs to wait until their leases are over. */
function handOverDead({ lambda }: Cloud, diedBefore: number) {
  const sweeps = lambda.functionNames().filter((name) => name.includes('SweepOverdue'))
  for (const name of sweeps) lambda.invokeAsync(name, { diedBefore })
}

function withContext(app: SynthesizeOptions, { context }: LocalOptions): SynthesizeOptions {
  // `-c` may change anything but the agents, which have an option of their own.
  const { agents = '' } = app.context ?? {}
  return { ...app, context: { ...app.context, ...context, agents } }
}
