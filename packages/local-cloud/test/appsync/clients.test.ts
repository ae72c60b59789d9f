import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { Amplify } from 'aws-amplify'
import { generateClient } from 'aws-amplify/api'
import { AUTH_TYPE, createAuthLink } from 'aws-appsync-auth-link'
import { createSubscriptionHandshakeLink } from 'aws-appsync-subscription-link'
import { expect, test } from 'vitest'
import { startApi } from './appsync-world.ts'
import { publish, publishingApi } from './publishing.ts'

/** Resolves with the first value, rejects with the error. */
function first<T>(subscribe: (next: (value: T) => void, error: (reason: unknown) => void) => void): Promise<T> {
  return new Promise(subscribe)
}

test('aws-amplify queries, subscribes and hears of an error', async () => {
  await using world = await startApi(publishingApi)
  const token = await world.token('alice')
  // Amplify dials wss:// whatever the GraphQL URL says; the local cloud speaks ws://.
  const NativeWebSocket = globalThis.WebSocket
  globalThis.WebSocket = class extends NativeWebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url.replace('wss://', 'ws://'), protocols)
    }
  } as typeof WebSocket
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
    Amplify.configure(
      { API: { GraphQL: { endpoint: world.url, region: 'us-east-1', defaultAuthMode: 'userPool' } } },
      { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: { toString: () => token, payload } }) } } },
    )
    const client = generateClient()
    expect(await client.graphql({ query: '{ nothing }' })).toMatchObject({ data: { nothing: 'nothing' } })

    // biome-ignore lint/suspicious/noExplicitAny: Amplify types an untyped document as a promise too
    const open = (query: string) => client.graphql({ query }) as any
    const pushed = first<{ data: unknown }>((next, error) => {
      open('subscription { onOrder(id: "a") { id status } }').subscribe({ next, error })
    })
    // Its promise is not told of start_ack, so publish until the push is there.
    let arrived = false
    pushed.then(() => {
      arrived = true
    })
    while (!arrived) await publish(world, { id: 'a', status: 'DONE' })
    expect((await pushed).data).toEqual({ onOrder: { id: 'a', status: 'DONE' } })

    const refused = first((_, error) =>
      open('subscription { onOrder { no } }').subscribe({ error: (e: unknown) => error(e) }),
    )
    await expect(refused).rejects.toMatchObject({ errors: [{ message: expect.stringContaining('FieldUndefined') }] })
  } finally {
    globalThis.WebSocket = NativeWebSocket
  }
})

test('Apollo with aws-appsync-subscription-link', async () => {
  await using world = await startApi(publishingApi)
  const token = await world.token('alice')
  const options = {
    url: world.url,
    region: 'us-east-1',
    auth: { type: AUTH_TYPE.AMAZON_COGNITO_USER_POOLS, jwtToken: token },
  } as const
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      createAuthLink(options) as unknown as ApolloLink,
      createSubscriptionHandshakeLink(options, new HttpLink({ uri: world.url }) as never) as unknown as ApolloLink,
    ]),
  })
  expect((await client.query({ query: gql`{ nothing }` })).data).toEqual({ nothing: 'nothing' })
  const pushed = first<{ data?: unknown }>((next, error) => {
    client.subscribe({ query: gql`subscription { onOrder(id: "a") { id status } }` }).subscribe({ next, error })
  })
  let arrived = false
  pushed.then(() => {
    arrived = true
  })
  while (!arrived) await publish(world, { id: 'a', status: 'DONE' })
  expect((await pushed).data).toMatchObject({ onOrder: { id: 'a', status: 'DONE' } })
  client.stop()
})
