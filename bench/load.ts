import { Agent, request } from 'node:http'
import { ulid } from 'ulid'
import { WebSocket } from 'ws'

const CREATE = 'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }'
const ON_UPDATE = 'subscription { onUpdateAgentJob { id status version error { code message } } }'

interface Pushed {
  id: string
  status: string
  error: { code: string; message: string } | null
}

/** A front end's view of the stack: creates over HTTP with a user's token, and hears of the end over a subscription. */
export async function openLoad(url: string, token: string) {
  const waiting = new Map<string, { done(): void; failed(error: Error): void }>()
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const socket = await subscribe(url, token, (job) => {
    const waiter = waiting.get(job.id)
    if (job.status === 'COMPLETE') waiter?.done()
    if (job.status === 'FAILED') waiter?.failed(new Error(`${job.error?.code}: ${job.error?.message}`))
  })

  /** Runs one job and resolves with the milliseconds from the mutation to the pushed COMPLETE. */
  async function run(queryType: string, n: number): Promise<number> {
    const id = ulid()
    const ended = new Promise<void>((done, failed) => waiting.set(id, { done, failed }))
    const began = performance.now()
    const [answer] = await Promise.all([
      post({ query: CREATE, variables: { input: { id, queryType, requestData: JSON.stringify({ n }) } } }),
      ended,
    ])
    const took = performance.now() - began
    waiting.delete(id)
    if (answer.errors) throw new Error(JSON.stringify(answer.errors))
    return took
  }

  function post(body: object): Promise<{ errors?: unknown }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: token }
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(JSON.parse(text)))
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
  }

  return {
    run,
    close() {
      socket.close()
      agent.destroy()
    },
  }
}

/** Opens AppSync's WebSocket and resolves when the subscription is acknowledged. */
function subscribe(url: string, token: string, next: (job: Pushed) => void): Promise<WebSocket> {
  const authorization = { Authorization: token, host: new URL(url).host }
  const header = Buffer.from(JSON.stringify(authorization)).toString('base64url')
  const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime`, ['graphql-ws', `header-${header}`])
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString())
      if (frame.type === 'connection_ack')
        socket.send(
          JSON.stringify({
            id: 'all',
            type: 'start',
            payload: { data: JSON.stringify({ query: ON_UPDATE, variables: {} }), extensions: { authorization } },
          }),
        )
      if (frame.type === 'start_ack') resolve(socket)
      if (frame.type === 'data') next(frame.payload.data.onUpdateAgentJob)
      if (frame.type === 'error' || frame.type === 'connection_error') reject(new Error(JSON.stringify(frame)))
    })
  })
}
