import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { Handle, Identity } from '../service.ts'
import type { AppSyncApi } from './api.ts'
import { createAuthenticate } from './authorization/authenticate.ts'
import { readModes } from './authorization/modes.ts'
import { createEngine } from './engine.ts'
import { buildDeliverySchema } from './graphql/schema.ts'
import { serve } from './protocol.ts'
import { createPublisher } from './realtime/publish.ts'
import { Subscriptions } from './realtime/subscriptions.ts'
import { createRealtime } from './realtime/upgrade.ts'

/** A running API: `handle` serves /graphql, `upgrade` its WebSockets at /graphql and /graphql/realtime. */
export interface AppSync {
  handle: Handle
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Drops all WebSockets, as a broken network does. */
  cutSockets(): void
  close(): void
}

export interface AppSyncOptions {
  clock: Clock
  identity: Identity
  api: AppSyncApi
  /** Gets one line for each refused call, dropped push, and `console.log` of a resolver. */
  log?: (line: string) => void
}

/** Starts one AppSync API in this process; throws when its schema, resolvers or settings cannot work. */
export function createAppSync({ clock, identity, api, log = console.error }: AppSyncOptions): AppSync {
  const modes = readModes(api, identity.region)
  const authenticate = createAuthenticate(api, modes, identity)
  const engine = createEngine(api, modes, { now: () => clock.now(), log })
  const subscriptions = new Subscriptions(engine.schema, log)
  const deliverySchema = buildDeliverySchema(api.schema)
  const handle = serve({ engine, authenticate, log, afterMutation: createPublisher(subscriptions) })
  const realtime = createRealtime({ clock, engine, deliverySchema, authenticate, subscriptions, log })
  return { handle, ...realtime }
}
