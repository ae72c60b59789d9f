import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Cloud, type CloudOptions, startCloud } from '@agent-jobs/local-cloud'
import type { SynthesizeOptions } from '@agent-jobs/local-cloud/cloudformation'
import { offlineModel } from './offline-model.ts'

/** The people every local user pool knows; `admin` is in the group `admins`. Their password is `LOCAL_PASSWORD`. */
export const LOCAL_USERS = ['alice', 'bob', 'admin'] as const
export type LocalUser = (typeof LOCAL_USERS)[number]
export const LOCAL_PASSWORD = 'local'

export interface LocalOptions
  extends Pick<CloudOptions, 'port' | 'state' | 'dynamodb' | 'clock' | 'faults' | 'log' | 'model'> {
  /** File of the agents' registry, from the project's root; `agents/index.ts` when left out. */
  agents?: string
}

export interface LocalCloud extends Cloud {
  /** An access token of a local user, as Cognito would issue it. */
  token(user: LocalUser, expiresInSeconds?: number): Promise<string>
}

const PROJECT = join(import.meta.dirname, '..')

/** What a template is made from: when none of these has changed, neither has the template. */
const SOURCES = [
  '{bin,lib,lambda,engine,sdk,graphql,agents}/**/*.{ts,json,graphql}',
  'cdk.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]

/** The CDK app of this project, as the local cloud synthesizes it. */
export function localApp(agents?: string): SynthesizeOptions {
  return {
    project: PROJECT,
    cache: join(PROJECT, '.local', 'synth'),
    sources: agents === undefined ? SOURCES : [...SOURCES, agents],
    context: agents === undefined ? {} : { agents },
  }
}

/** Starts the whole stack of agent jobs in this process. */
export async function startLocal({ agents, model, ...options }: LocalOptions = {}): Promise<LocalCloud> {
  if (agents !== undefined && !existsSync(join(PROJECT, agents)))
    throw new Error(`agents must name a file of this project, got ${agents}`)
  const cloud = await startCloud({
    ...options,
    app: localApp(agents),
    model: model ?? offlineModel({ clock: options.clock }),
    users: LOCAL_USERS.map((username) => ({
      username,
      password: LOCAL_PASSWORD,
      groups: username === 'admin' ? ['admins'] : [],
    })),
  })
  const { UserPoolId = '', UserPoolClientId = '' } = cloud.outputs
  return Object.assign(cloud, {
    token: (user: LocalUser, expiresInSeconds?: number) =>
      cloud.cognito.token(UserPoolId, user, { clientId: UserPoolClientId, expiresInSeconds }),
  })
}
