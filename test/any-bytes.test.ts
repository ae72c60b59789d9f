import { request } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type LocalCloud, startLocal } from '../local/index.ts'
import { bodies, members, odd, type Sent, services } from './odd-requests.ts'

// Whatever is sent, it is answered, and with no 5xx but for what S3 and Cognito do not have (501).

let cloud: LocalCloud
beforeAll(async () => {
  cloud = await startLocal()
})
afterAll(() => cloud?.close())

/** The answer's status; undefined when the socket was closed instead, as Node does with what is no HTTP. */
function send({ body, ...options }: Sent): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port: cloud.port, ...options }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    sent.setTimeout(20_000, () => sent.destroy(new Error('no answer')))
    sent.on('error', (error) => (error.message === 'no answer' ? resolve(599) : resolve(undefined)))
    sent.end(body)
  })
}

describe('an answer without a fault of the server is what is given to any request for', () => {
  test.each(services)('%s', { timeout: 120_000 }, async (_service, requests) => {
    await fc.assert(
      fc.asyncProperty(requests, async (sent) => {
        const status = await send(sent)
        expect(status ?? 400, JSON.stringify(sent)).toSatisfy((code: number) => code < 500 || code === 501)
      }),
      { numRuns: 250 },
    )
  })

  test('an API, from a user', { timeout: 120_000 }, async () => {
    const authorization = await cloud.token('alice')
    const fields = 'query variables operationName'.split(' ')
    const query = fc.constantFrom(
      '{ getAgentJob(id: "x") { id } }',
      'mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }',
    )
    const input = members(
      'id queryType requestData priority sessionId runAt deadline timeoutSeconds maxAttempts ttl'.split(' '),
    )
    const known = fc
      .record({ query, variables: fc.oneof(odd, fc.record({ input })) })
      .map((value) => JSON.stringify(value))
    await fc.assert(
      fc.asyncProperty(fc.oneof(bodies(fields), known), async (body) => {
        const status = await send({ method: 'POST', path: '/graphql', headers: { authorization }, body })
        expect(status, body).toBeLessThan(500)
      }),
      { numRuns: 250 },
    )
  })
})

/** Sends raw bytes, and resolves when they are answered or the socket is closed. */
function sendRaw(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(cloud.port, '127.0.0.1', () => socket.end(bytes))
    let text = ''
    socket.on('data', (data) => {
      text += data
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

test('bytes that are no HTTP end their own connection, and nothing else', { timeout: 120_000 }, async () => {
  const heads = fc.constantFrom(
    '',
    'GET / HTTP/1.1\r\n',
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
    'GET /graphql/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
    'CONNECT evil:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'P',
  )
  await fc.assert(
    fc.asyncProperty(heads, fc.uint8Array({ maxLength: 200 }), async (head, tail) => {
      const answer = await sendRaw(Buffer.concat([Buffer.from(head), tail]))
      expect(answer).not.toMatch(/^HTTP\/1\.1 5/)
    }),
    { numRuns: 150 },
  )
})

test('frames of any kind are answered or end their own socket', { timeout: 120_000 }, async () => {
  const authorization = await cloud.token('alice')
  const header = Buffer.from(JSON.stringify({ Authorization: authorization })).toString('base64url')
  const frame = fc.oneof(
    odd.map((value) => JSON.stringify(value)),
    fc.string(),
    fc
      .record({
        type: fc.oneof(odd, fc.constantFrom('connection_init', 'start', 'stop')),
        id: odd,
        payload: fc.oneof(
          odd,
          fc.record({
            data: odd,
            extensions: fc.oneof(odd, fc.record({ authorization: fc.oneof(odd, fc.record({ Authorization: odd })) })),
          }),
        ),
      })
      .map((value) => JSON.stringify(value)),
  )
  const socket = () => new WebSocket(cloud.outputs.RealtimeUrl as string, ['graphql-ws', `header-${header}`])
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 20 }), async (frames) => {
      const client = socket()
      await new Promise((resolve) => client.once('open', resolve))
      const answered = new Promise((resolve) => client.on('message', resolve).on('close', resolve))
      for (const text of frames) client.send(text)
      await answered
      client.terminate()
    }),
    { numRuns: 50 },
  )
  expect(await send({ method: 'GET', path: '/graphql', headers: {}, body: '' })).toBe(401)
})
