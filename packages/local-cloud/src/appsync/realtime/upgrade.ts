import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { GraphQLSchema } from 'graphql'
import { WebSocketServer } from 'ws'
import type { Clock } from '../../clock.ts'
import { readTarget } from '../../request-target.ts'
import type { Authenticate } from '../authorization/authenticate.ts'
import type { Engine } from '../engine.ts'
import { contextHeaders, sourceIp } from '../protocol.ts'
import { connectHeaders, offeredProtocols } from './connect-headers.ts'
import { Connection } from './connection.ts'
import { openSubscription } from './open-subscription.ts'
import type { Subscriptions } from './subscriptions.ts'

const PROTOCOL = 'graphql-ws'
const MAX_FRAME_BYTES = 1024 * 1024

export interface RealtimeParts {
  clock: Clock
  engine: Engine
  deliverySchema: GraphQLSchema
  authenticate: Authenticate
  subscriptions: Subscriptions
  log: (line: string) => void
}

/** The WebSocket side of an API. */
export function createRealtime(parts: RealtimeParts) {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    // Clients also offer `header-…`, which only carries their credentials.
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  })

  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const addresses = sourceIp(req)
    const headers = contextHeaders(req.headers)
    const graphql = readTarget(req).path.replace(/\/realtime$/, '')
    const signed = (path: string, body: string) => ({ method: 'POST', target: `${graphql}${path}`, body })
    server.handleUpgrade(req, socket, head, (client) => {
      const connected = parts.authenticate(connectHeaders(req), addresses, signed('/connect', '{}'))
      const connection = new Connection(client, socket, connected, {
        clock: parts.clock,
        subscriptions: parts.subscriptions,
        log: parts.log,
        authenticate: (credentials, data) => parts.authenticate(credentials, addresses, signed('', data)),
        open: (caller, request) => openSubscription(parts.engine, parts.deliverySchema, caller, headers, request),
      })
      if (!offeredProtocols(req).includes(PROTOCOL)) {
        connection.reject({ errorType: 'BadRequestException', message: 'SubProtocolNotSupportedError', errorCode: 400 })
      }
    })
  }

  const cutSockets = (): void => {
    for (const client of server.clients) client.terminate()
  }
  const close = (): void => {
    cutSockets()
    server.close()
  }
  return { upgrade, cutSockets, close }
}
