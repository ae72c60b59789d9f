import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock, systemClock } from '../../src/clock.ts'
import { type Cognito, createCognito } from '../../src/cognito/cognito.ts'
import type { Endpoint } from '../../src/endpoint.ts'
import { POOL } from '../appsync/appsync-world.ts'
import { clientSettings, IDENTITY, openService, temporaryFolder } from '../open-service.ts'

const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`

async function withUsers(options: Partial<Parameters<typeof createCognito>[0]> = {}): Promise<Cognito> {
  const cognito = await createCognito({ clock: systemClock, identity: IDENTITY, ...options })
  cognito.createUserPool({ id: POOL, groups: ['admins'] })
  cognito.createUser(POOL, { username: 'alice', password: 'secret' })
  cognito.createUser(POOL, { username: 'admin', groups: ['admins'], email: 'admin@example.com' })
  return cognito
}

let cognito: Cognito
beforeAll(async () => {
  cognito = await withUsers()
})

describe('tokens', () => {
  test('an access token has the claims of Cognito', async () => {
    const claims = await cognito.verify(await cognito.token(POOL, 'admin', { clientId: 'web' }))
    expect(claims).toMatchObject({
      iss: ISSUER,
      token_use: 'access',
      client_id: 'web',
      username: 'admin',
      'cognito:groups': ['admins'],
    })
    expect(claims.sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('an id token names the client and the user differently', async () => {
    const claims = await cognito.verify(await cognito.token(POOL, 'admin', { clientId: 'web', use: 'id' }))
    expect(claims).toMatchObject({
      aud: 'web',
      'cognito:username': 'admin',
      email: 'admin@example.com',
      token_use: 'id',
    })
    expect(claims).not.toHaveProperty('client_id')
  })

  test('a user without groups has no groups claim', async () => {
    expect(await cognito.verify(await cognito.token(POOL, 'alice', { clientId: 'web' }))).not.toHaveProperty(
      'cognito:groups',
    )
  })

  test('a remembered token still expires', async () => {
    const clock = new ManualClock()
    const own = await withUsers({ clock })
    const token = await own.token(POOL, 'alice', { clientId: 'web', expiresInSeconds: 10 })
    await own.verify(token)
    await clock.advance(9_000)
    await own.verify(token)
    await clock.advance(1_000)
    await expect(own.verify(token)).rejects.toMatchObject({ reason: 'expired' })
  })

  test('what is no token, or another issuer’s, is invalid', async () => {
    const foreign = await (await withUsers()).token(POOL, 'alice', { clientId: 'web' })
    for (const token of ['', 'abc', 'a.b.c', foreign]) {
      await expect(cognito.verify(token)).rejects.toMatchObject({ reason: 'invalid' })
    }
  })

  test('an unknown user or pool is named', async () => {
    await expect(cognito.token(POOL, 'eve', { clientId: 'web' })).rejects.toThrow(
      'has no user eve; it has alice, admin',
    )
    await expect(cognito.token('other', 'alice', { clientId: 'web' })).rejects.toThrow(
      `no user pool other; there is ${POOL}`,
    )
  })

  test('with a path the key and the subs outlive a restart', async () => {
    const path = await temporaryFolder()
    const token = await (await withUsers({ path })).token(POOL, 'alice', { clientId: 'web' })
    const again = await withUsers({ path })
    const claims = await again.verify(token)
    expect((await again.verify(await again.token(POOL, 'alice', { clientId: 'web' }))).sub).toBe(claims.sub)
  })
})

describe('the wire', () => {
  let endpoint: Endpoint
  let client: CognitoIdentityProviderClient
  beforeAll(async () => {
    endpoint = await openService(cognito.handle)
    client = new CognitoIdentityProviderClient(clientSettings(endpoint.url))
  })
  afterAll(async () => {
    client.destroy()
    await endpoint.close()
  })

  const signIn = (USERNAME: string, PASSWORD: string) =>
    client.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: 'web',
        AuthParameters: { USERNAME, PASSWORD },
      }),
    )

  test('signing in with the password gives tokens, and they can be refreshed', async () => {
    const { AuthenticationResult } = await signIn('alice', 'secret')
    expect(AuthenticationResult).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' })
    const { username } = await cognito.verify(AuthenticationResult?.AccessToken as string)
    expect(username).toBe('alice')
    const refreshed = await client.send(
      new InitiateAuthCommand({
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId: 'web',
        AuthParameters: { REFRESH_TOKEN: AuthenticationResult?.RefreshToken as string },
      }),
    )
    expect((await cognito.verify(refreshed.AuthenticationResult?.IdToken as string)).token_use).toBe('id')
  })

  test.each([
    ['alice', 'wrong'],
    ['eve', 'secret'],
    ['admin', ''],
  ])('%s with the password %j may not', async (username, password) => {
    await expect(signIn(username, password)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
  })

  test('an access token is no refresh token, and SRP is refused by name', async () => {
    const send = (AuthFlow: 'REFRESH_TOKEN_AUTH' | 'USER_SRP_AUTH', REFRESH_TOKEN: string) =>
      client.send(new InitiateAuthCommand({ AuthFlow, ClientId: 'web', AuthParameters: { REFRESH_TOKEN } }))
    const access = await cognito.token(POOL, 'alice', { clientId: 'web' })
    await expect(send('REFRESH_TOKEN_AUTH', access)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    await expect(send('USER_SRP_AUTH', '')).rejects.toThrow('got USER_SRP_AUTH')
  })

  test('anybody can verify a token with the published key', async () => {
    const keys = createRemoteJWKSet(new URL(`${endpoint.url}/${POOL}/.well-known/jwks.json`))
    const token = await cognito.token(POOL, 'alice', { clientId: 'web' })
    expect((await jwtVerify(token, keys, { issuer: ISSUER })).payload.username).toBe('alice')
    expect((await fetch(`${endpoint.url}/other/.well-known/jwks.json`)).status).toBe(400)
  })
})
