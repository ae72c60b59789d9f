import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localCloud } from '@agent-jobs/client'
import { expect, onTestFinished, test } from 'vitest'

/** A JWT as far as a client looks into it. */
function jwt(claims: { sub: string; exp: number }): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
}
const claims = { sub: '1', exp: 4_000_000_000 }
const JWT = jwt(claims)
const outputsAt = (url: string) => ({ data: { url }, auth: { user_pool_client_id: 'app' } })

test('an API on AWS keeps its sockets and its own sign-in', () => {
  const before = globalThis.WebSocket
  const outputs = outputsAt('https://abc.appsync-api.eu-west-1.amazonaws.com/graphql')
  expect(localCloud(outputs, JWT)).toEqual({})
  expect(globalThis.WebSocket).toBe(before)
})

test('only sockets to the local cloud lose their TLS', () => {
  localCloud(outputsAt('http://127.0.0.1:4001/graphql'), JWT)
  const dial = (url: string) => {
    const socket = new WebSocket(url, 'graphql-ws')
    socket.onerror = () => {}
    socket.close()
    return socket.url
  }
  expect(dial('wss://127.0.0.1:4001/graphql/realtime')).toBe('ws://127.0.0.1:4001/graphql/realtime')
  expect(dial('wss://127.0.0.1:4002/')).toMatch(/^wss:/)
})

test('a token may be fetched anew for each request, and nonsense is refused', async () => {
  const outputs = outputsAt('http://127.0.0.1:1/graphql')
  const { Auth } = localCloud(outputs, async () => JWT)
  const tokens = await Auth?.tokenProvider.getTokens()
  expect(`${tokens?.accessToken}`).toBe(JWT)
  expect(tokens?.accessToken.payload).toEqual(claims)
  await expect(localCloud(outputs, 'secret').Auth?.tokenProvider.getTokens()).rejects.toThrow('three parts')
})

test('a user is signed in at the first request, and again when the token has less than a minute left', async () => {
  const asked: unknown[] = []
  const lifetimes = [59, 3_600]
  const server = createServer(async (request, response) => {
    asked.push(JSON.parse(Buffer.concat(await request.toArray()).toString()))
    const exp = Math.floor(Date.now() / 1000) + (lifetimes[asked.length - 1] as number)
    response.end(JSON.stringify({ AuthenticationResult: { AccessToken: jwt({ sub: `${asked.length}`, exp }) } }))
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const outputs = outputsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`)
  const { Auth } = localCloud(outputs, { username: 'alice' })
  expect(asked).toEqual([])
  const subs: unknown[] = []
  for (let time = 0; time < 3; time++) subs.push((await Auth?.tokenProvider.getTokens())?.accessToken.payload.sub)
  expect(subs).toEqual(['1', '2', '2'])
  const AuthParameters = { USERNAME: 'alice', PASSWORD: 'local' }
  expect(asked[0]).toEqual({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: 'app', AuthParameters })
})
