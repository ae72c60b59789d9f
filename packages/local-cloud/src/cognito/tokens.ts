import { randomUUID } from 'node:crypto'
import { type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { SigningKey } from './signing-key.ts'
import type { User, UserPool, UserPools } from './user-pools.ts'

export interface TokenOptions {
  use?: 'access' | 'id' | 'refresh'
  expiresInSeconds?: number
  clientId: string
}

/** A token that is not taken; the message says why. */
export class TokenError extends Error {
  readonly reason: 'expired' | 'invalid'

  constructor(reason: 'expired' | 'invalid', message: string) {
    super(message)
    this.name = 'TokenError'
    this.reason = reason
  }
}

export interface Tokens {
  issue(poolId: string, username: string, options: TokenOptions): Promise<string>
  verify(jwt: string): Promise<JWTPayload>
}

const MAX_REMEMBERED = 1000

/** The claims in which Cognito's three kinds of token differ. */
function claimsOf(user: User, use: 'access' | 'id' | 'refresh', clientId: string): JWTPayload {
  const groups = user.groups.length > 0 ? { 'cognito:groups': user.groups } : {}
  if (use === 'id') {
    const email = user.email ? { email: user.email, email_verified: true } : {}
    return { ...groups, ...email, aud: clientId, 'cognito:username': user.username }
  }
  const scope = use === 'access' ? { scope: 'aws.cognito.signin.user.admin' } : {}
  return { ...groups, ...scope, client_id: clientId, username: user.username }
}

export function createTokens(key: SigningKey, pools: UserPools, clock: Clock): Tokens {
  // Verifying RS256 costs more than a whole GraphQL request, and a client sends one token many times: a signature is
  // checked once for each text, the time of expiry at every call.
  const verified = new Map<string, JWTPayload>()

  const sign = (pool: UserPool, user: User, { use = 'access', expiresInSeconds = 3600, clientId }: TokenOptions) => {
    const now = Math.floor(clock.now() / 1000)
    return new SignJWT({ ...claimsOf(user, use, clientId), token_use: use, auth_time: now })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuer(pool.issuer)
      .setSubject(user.sub)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + expiresInSeconds)
      .sign(key.privateKey)
  }

  const checkSignature = async (jwt: string): Promise<JWTPayload> => {
    // The time is checked below, so that an expired token and a forged one are told apart.
    const { payload } = await jwtVerify(jwt, key.publicKey, { algorithms: ['RS256'], currentDate: new Date(0) }).catch(
      (error: Error) => {
        throw new TokenError('invalid', `the token is not one of this issuer: ${error.message}`)
      },
    )
    if (!pools.byIssuer(payload.iss)) {
      throw new TokenError('invalid', `the token's issuer ${payload.iss} is no local user pool`)
    }
    if (verified.size >= MAX_REMEMBERED) verified.delete(verified.keys().next().value as string)
    verified.set(jwt, payload)
    return payload
  }

  return {
    issue: async (poolId, username, options) => sign(pools.pool(poolId), pools.user(poolId, username), options),
    async verify(jwt) {
      const payload = verified.get(jwt) ?? (await checkSignature(jwt))
      const expires = (payload.exp ?? 0) * 1000
      if (expires <= clock.now()) {
        throw new TokenError('expired', `the token expired at ${new Date(expires).toISOString()}`)
      }
      return payload
    },
  }
}
