import { join } from 'node:path'
import type { Clock } from './clock.ts'
import { createCognito } from './cognito/cognito.ts'
import type { CreateUserOptions } from './cognito/user-pools.ts'
import { createDynamoDb } from './dynamodb/dynamodb.ts'
import { openCheckpoints } from './event-source-mappings/checkpoints.ts'
import { createS3 } from './s3/s3.ts'
import type { Identity } from './service.ts'
import { createSqs } from './sqs/sqs.ts'
import { stackCredentials } from './stack-credentials.ts'
import { lockStateFolder } from './state-folder.ts'

export interface StoreOptions {
  clock: Clock
  identity: Identity
  endpointUrl(): string
  /** The folder that keeps them; in memory when left out. */
  state?: string
  remoteDynamodb?: string
  users?: readonly CreateUserOptions[]
  onClose(stop: () => Promise<void> | void): void
}

/** Opens the services that keep something, once the state folder is this process's own. */
export async function openStores({ clock, identity, endpointUrl, state, onClose, ...options }: StoreOptions) {
  const lock = state === undefined ? undefined : await lockStateFolder(state)
  onClose(() => lock?.release())
  const within = (name: string) => state && join(state, name)
  const dynamodb = createDynamoDb({ clock, identity, path: within('dynamodb'), remoteUrl: options.remoteDynamodb })
  onClose(() => dynamodb.close())
  const sqs = await createSqs({ clock, identity, baseUrl: endpointUrl, path: within('queues.jsonl') })
  onClose(() => sqs.close())
  const s3 = createS3({ clock, path: within('s3') })
  const cognito = await createCognito({ clock, identity, users: options.users, path: within('cognito') })
  // The template reads its streams from their start: without a place kept, each restart would run through them again.
  const checkpoints = state === undefined ? undefined : openCheckpoints(join(state, 'checkpoints.json'))
  onClose(() => checkpoints?.close())
  return { dynamodb, sqs, s3, cognito, checkpoints, credentials: stackCredentials(state) }
}
