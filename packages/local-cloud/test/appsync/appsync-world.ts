import { type ClientOptions, type CloseEvent, WebSocket } from 'ws'
import type { AppSyncApi } from '../../src/appsync/api.ts'
import { createAppSync } from '../../src/appsync/appsync.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { type Cognito, createCognito } from '../../src/cognito/cognito.ts'
import { sign } from '../../src/signature-v4.ts'
import { CREDENTIALS, IDENTITY, openService } from '../open-service.ts'

export { IDENTITY }

export const POOL = 'us-east-1_test'

/** In place of headers: the call is signed by IAM, as the stack itself. */
export const IAM = 'IAM'

/** The headers of a call that the stack itself signs. */
export function signedByStack(body: string, target = '/graphql', credentials = CREDENTIALS): Record<string, string> {
  const headers = { 'x-amz-user-agent': 'test' }
  const scope = { region: IDENTITY.region, service: 'appsync', now: Date.now() }
  return { ...headers, ...sign(credentials, { method: 'POST', target, headers, body }, scope) }
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API under test answers
  data: any
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API under test answers
  errors?: any[]
}

export interface World extends AsyncDisposable {
  url: string
  realtimeUrl: string
  cognito: Cognito
  lines: string[]
  token(username: string, options?: { expiresInSeconds?: number; use?: 'access' | 'id' }): Promise<string>
  /** POSTs a document, as `alice` unless other headers are given. */
  post(query: string, variables?: object, headers?: Record<string, string> | typeof IAM): Promise<Answer>
}

/** Code of a resolver that answers with its payload. */
export const echo = (payload: string) => `
  export const request = (ctx) => ({ payload: ${payload} })
  export const response = (ctx) => ctx.result`

/** An API on its own port, with the users alice, bob and admin (group admins). */
export async function startApi(
  api: Partial<AppSyncApi> & { schema: string },
  clock: Clock = systemClock,
): Promise<World> {
  const lines: string[] = []
  const cognito = await createCognito({ clock, identity: IDENTITY })
  cognito.createUserPool({ id: POOL, groups: ['admins'] })
  cognito.createUser(POOL, { username: 'alice', password: 'secret', sub: 'sub-alice' })
  cognito.createUser(POOL, { username: 'bob', password: 'secret', sub: 'sub-bob' })
  cognito.createUser(POOL, { username: 'admin', password: 'secret', sub: 'sub-admin', groups: ['admins'] })
  const unexpected = (what: string) => async () => {
    throw new Error(`${what} was not expected to be called`)
  }
  const appsync = createAppSync({
    clock,
    identity: IDENTITY,
    log: (line) => lines.push(line),
    api: {
      apiId: 'api',
      authenticationType: 'AMAZON_COGNITO_USER_POOLS',
      userPoolConfig: { UserPoolId: POOL, AwsRegion: 'us-east-1', DefaultAction: 'ALLOW' },
      additionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
      dataSources: [{ name: 'None', type: 'NONE' }],
      functions: [],
      resolvers: [],
      dynamodb: { call: unexpected('DynamoDB') },
      lambda: { invoke: unexpected('Lambda') },
      verifyToken: cognito.verify,
      credentials: CREDENTIALS,
      ...api,
    },
  })
  const endpoint = await openService(appsync.handle, appsync.upgrade)
  const url = `${endpoint.url}/graphql`
  const token: World['token'] = (username, options) => cognito.token(POOL, username, { clientId: 'client', ...options })
  return {
    url,
    realtimeUrl: `${url.replace('http', 'ws')}/realtime`,
    cognito,
    lines,
    token,
    async post(query, variables, headers) {
      const body = JSON.stringify({ query, variables })
      const credentials = headers === IAM ? signedByStack(body) : (headers ?? { authorization: await token('alice') })
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...credentials },
        body,
      })
      return { status: response.status, headers: response.headers, ...((await response.json()) as { data: unknown }) }
    },
    async [Symbol.asyncDispose]() {
      appsync.close()
      await endpoint.close()
    },
  }
}

/** A client of the real-time protocol that sends and shows raw frames. */
export class RawClient {
  readonly socket: WebSocket
  // biome-ignore lint/suspicious/noExplicitAny: frames of every kind
  readonly #frames: any[] = []
  // biome-ignore lint/suspicious/noExplicitAny: frames of every kind
  #waiting: ((frame: any) => void)[] = []
  readonly closed: Promise<CloseEvent>

  constructor(url: string, protocols: string[], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options)
    this.socket.onmessage = (event) => {
      const frame = JSON.parse(String(event.data))
      const next = this.#waiting.shift()
      if (next) next(frame)
      else this.#frames.push(frame)
    }
    this.closed = new Promise((resolve) => {
      this.socket.onclose = resolve
    })
  }

  /** Connects with the credentials in the sub-protocol, and waits for the ack and the first ka. */
  static async connect(world: World, authorization: Record<string, string>): Promise<RawClient> {
    const header = Buffer.from(JSON.stringify({ host: new URL(world.url).host, ...authorization })).toString(
      'base64url',
    )
    const client = new RawClient(world.realtimeUrl, ['graphql-ws', `header-${header}`])
    await client.opened()
    client.send({ type: 'connection_init' })
    await client.next()
    await client.next()
    return client
  }

  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.OPEN) return
    await new Promise((resolve, reject) => {
      this.socket.onopen = resolve
      this.socket.onerror = reject
    })
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  start(id: string, query: string, variables: object, authorization: Record<string, string>): void {
    const payload = { data: JSON.stringify({ query, variables }), extensions: { authorization } }
    this.send({ id, type: 'start', payload })
  }

  // biome-ignore lint/suspicious/noExplicitAny: frames of every kind
  next(): Promise<any> {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift())
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
