import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { AwsError } from '../../aws-error.ts'
import type { Clock } from '../../clock.ts'
import { type Caller, type Credentials, Unauthorized } from '../authorization/authenticate.ts'
import type { GraphQLRequest } from '../engine.ts'
import type { WireError } from '../graphql/errors.ts'
import { readRequestText } from '../protocol.ts'
import { lowerCased } from './connect-headers.ts'
import { BadFrame, type ClientFrame, type FrameError, readFrame, type ServerFrame } from './frames.ts'
import type { Accepted } from './open-subscription.ts'
import type { Subscription, Subscriptions } from './subscriptions.ts'

const CONNECTION_TIMEOUT_MS = 300_000
const KEEP_ALIVE_MS = 60_000
const LIFETIME_MS = 24 * 60 * 60 * 1000
/** How long a client with bad credentials may keep silent before it is told all the same. */
const SILENCE_MS = 15_000
const MAX_SUBSCRIPTIONS = 200

export interface ConnectionParts {
  clock: Clock
  subscriptions: Subscriptions
  /** `data` is the request of a subscription, as its text came. */
  authenticate(credentials: Credentials, data: string): Promise<Caller>
  open(caller: Caller, request: GraphQLRequest): Promise<Accepted | { errors: WireError[] }>
  log: (line: string) => void
}

/** One WebSocket of a client; PROTOCOL.md says what may happen on it. */
export class Connection {
  readonly #socket: WebSocket
  /** What the WebSocket writes to. */
  readonly #wire: Duplex
  #isGathering = false
  readonly #parts: ConnectionParts
  /** Who connected. Settled before the first frame is answered. */
  readonly #connected: Promise<Caller>
  /** Open subscriptions, and `undefined` for one that is being opened. */
  readonly #subscriptions = new Map<string, Subscription | undefined>()
  #stopKeepAlive = () => {}
  #stopLifetime = () => {}

  constructor(socket: WebSocket, wire: Duplex, connected: Promise<Caller>, parts: ConnectionParts) {
    this.#socket = socket
    this.#wire = wire
    this.#connected = connected
    this.#parts = parts
    this.#stopLifetime = parts.clock.after(LIFETIME_MS, () => socket.close(1000))
    // Clients drop what comes before their connection_init, so bad credentials are answered with the first frame.
    connected.catch((error: unknown) => {
      this.#stopLifetime()
      this.#stopLifetime = parts.clock.after(SILENCE_MS, () => this.#fail(error))
    })
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? '(a binary frame)' : data.toString()
      this.#receive(text).catch((error: unknown) => this.#fail(error))
    })
    // A frame that is no valid WebSocket: ws closes the socket by itself after this.
    socket.on('error', (error) => parts.log(`appsync: WebSocket: ${error.message}`))
    socket.on('close', () => this.#closed())
  }

  async #receive(text: string): Promise<void> {
    await this.#connected
    await this.#answer(readFrame(text))
  }

  async #answer(frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case 'connection_init':
        this.#send({ type: 'connection_ack', payload: { connectionTimeoutMs: CONNECTION_TIMEOUT_MS } })
        return this.#keepAlive()
      case 'start':
        return this.#start(frame)
      case 'stop':
        return this.#stop(frame.id)
    }
  }

  async #start({ id, data, authorization }: ClientFrame & { type: 'start' }): Promise<void> {
    if (this.#subscriptions.has(id)) {
      return this.#refuse(id, 'DuplicatedOperationError', `subscription ${id} is open on this connection already`)
    }
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      const message = `this connection has ${MAX_SUBSCRIPTIONS} subscriptions, the most that one may have`
      return this.#refuse(id, 'MaxSubscriptionsReachedError', message)
    }
    this.#subscriptions.set(id, undefined)
    try {
      const caller = await this.#parts.authenticate(lowerCased(authorization), data)
      const accepted = await this.#parts.open(caller, readRequestText(data))
      // It was stopped, or the socket closed, while its resolver ran.
      if (!this.#subscriptions.has(id)) return
      if ('errors' in accepted) {
        this.#subscriptions.delete(id)
        return this.#send({ type: 'error', id, payload: { errors: accepted.errors } })
      }
      this.#add(id, accepted)
    } catch (error) {
      this.#subscriptions.delete(id)
      this.#failStart(id, error)
    }
  }

  #add(id: string, accepted: Accepted): void {
    const subscription: Subscription = {
      id,
      ...accepted,
      send: (text) => this.#socket.send(text),
      end: () => {
        this.#drop(id)
        this.#refuse(id, 'SubscriptionInvalidated', `subscription ${id} was ended by the server`)
        this.#send({ type: 'complete', id })
      },
    }
    this.#subscriptions.set(id, subscription)
    this.#parts.subscriptions.add(subscription)
    this.#send({ type: 'start_ack', id })
  }

  #stop(id: string): void {
    this.#drop(id)
    this.#send({ type: 'complete', id })
  }

  #drop(id: string): void {
    const subscription = this.#subscriptions.get(id)
    this.#subscriptions.delete(id)
    if (subscription) this.#parts.subscriptions.remove(subscription)
  }

  #failStart(id: string, error: unknown): void {
    const { message, stack } = error as Error
    if (error instanceof Unauthorized) {
      this.#parts.log(`appsync: subscription refused: ${error.reason}`)
      this.#refuse(id, 'UnauthorizedException', message)
    } else if (error instanceof AwsError) {
      this.#refuse(id, error.code, message)
    } else {
      this.#parts.log(`appsync: ${stack}`)
      this.#refuse(id, 'InternalFailure', `the local AppSync failed: ${message}`)
    }
  }

  /** A frame that could not be answered: bad credentials end the connection, a bad frame does not. */
  #fail(error: unknown): void {
    if (error instanceof BadFrame) {
      this.#refuse(error.id, error.errorType, error.message)
      return
    }
    const { message, reason, stack } = error as Unauthorized
    this.#parts.log(`appsync: connection refused: ${reason ?? stack}`)
    this.reject({ errorType: 'UnauthorizedException', message, errorCode: 401 })
  }

  /** Refuses the connection inside the protocol, and closes it. */
  reject(error: FrameError): void {
    this.#send({ type: 'connection_error', payload: { errors: [error] } })
    this.#socket.close(1000)
  }

  #refuse(id: string | undefined, errorType: string, message: string): void {
    const payload = { errors: [{ errorType, message }] }
    this.#send(id === undefined ? { type: 'error', payload } : { type: 'error', id, payload })
  }

  /** What is sent in one turn of the event loop leaves in one write: on a busy connection, writes cost more than JSON. */
  #send(frame: ServerFrame): void {
    if (!this.#isGathering) {
      this.#isGathering = true
      this.#wire.cork()
      setImmediate(() => {
        this.#isGathering = false
        this.#wire.uncork()
      })
    }
    this.#socket.send(JSON.stringify(frame))
  }

  #keepAlive(): void {
    this.#stopKeepAlive()
    this.#send({ type: 'ka' })
    this.#stopKeepAlive = this.#parts.clock.after(KEEP_ALIVE_MS, () => this.#keepAlive())
  }

  #closed(): void {
    this.#stopKeepAlive()
    this.#stopLifetime()
    for (const id of [...this.#subscriptions.keys()]) this.#drop(id)
  }
}
