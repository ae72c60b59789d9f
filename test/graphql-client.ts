import { WebSocket } from 'ws'
import type { LocalCloud } from '../local/start-local.ts'

export interface GraphQLError {
  message: string
  errorType: string | null
  path: (string | number)[] | null
}

export interface GraphQLAnswer<T> {
  status: number
  data: T | null
  errors?: GraphQLError[]
}

/** One GraphQL request with a token, answered as it came over the wire. */
export async function graphql<T = Record<string, unknown>>(
  cloud: Pick<LocalCloud, 'outputs'>,
  token: string,
  query: string,
  variables: object = {},
): Promise<GraphQLAnswer<T>> {
  const response = await fetch(cloud.outputs.GraphQLUrl as string, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: token },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, ...((await response.json()) as Omit<GraphQLAnswer<T>, 'status'>) }
}

export interface Subscription<T> extends AsyncDisposable {
  /** Everything that was pushed so far. */
  seen: T[]
  /** Resolves with all that was pushed as soon as one of it passes. */
  until(passes: (data: T) => boolean): Promise<T[]>
}

/** Opens AppSync's WebSocket for one subscription; resolves when it is acknowledged, rejects with the error frame. */
export async function subscribe<T>(
  cloud: Pick<LocalCloud, 'outputs'>,
  token: string,
  query: string,
  variables: object = {},
): Promise<Subscription<T>> {
  const url = cloud.outputs.GraphQLUrl as string
  const authorization = { Authorization: token, host: new URL(url).host }
  const header = Buffer.from(JSON.stringify(authorization)).toString('base64url')
  const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime`, ['graphql-ws', `header-${header}`])
  const seen: T[] = []
  let check = () => {}
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (message) => {
      const frame = JSON.parse(message.toString())
      const start = { data: JSON.stringify({ query, variables }), extensions: { authorization } }
      if (frame.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'start', payload: start }))
      if (frame.type === 'start_ack') resolve()
      if (frame.type === 'error' || frame.type === 'connection_error') reject(new Error(JSON.stringify(frame)))
      if (frame.type === 'data') {
        seen.push(frame.payload.data)
        check()
      }
    })
  })
  return {
    seen,
    until: (passes) =>
      new Promise((resolve) => {
        check = () => {
          if (seen.some(passes)) resolve([...seen])
        }
        check()
      }),
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}
