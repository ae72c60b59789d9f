import type { Clock } from '../clock.ts'
import type { Handle, Identity } from '../service.ts'
import { serve } from './protocol.ts'
import { loadSigningKey } from './signing-key.ts'
import { createTokens, type TokenOptions } from './tokens.ts'
import { type CreateUserOptions, UserPools } from './user-pools.ts'

/** A local issuer of Cognito's tokens, for named users. */
export interface Cognito {
  createUserPool(pool: { id: string; groups?: string[] }): void
  createUser(poolId: string, user: CreateUserOptions): { username: string; sub: string }
  /** A token of the user, as signing in would give it; `use` is `access` when left out. */
  token(poolId: string, username: string, options: TokenOptions): Promise<string>
  /** The claims of a token of this issuer; throws a `TokenError` for any other. */
  verify(jwt: string): Promise<Record<string, unknown>>
  /** InitiateAuth, and GET /<poolId>/.well-known/jwks.json. */
  handle: Handle
}

export interface CognitoOptions {
  clock: Clock
  identity: Identity
  /** Folder that keeps the signing key, so that tokens stay good over a restart; without it the key is new each time. */
  path?: string
  /** Whom every user pool knows. */
  users?: readonly CreateUserOptions[]
}

export async function createCognito({ clock, identity, path, users = [] }: CognitoOptions): Promise<Cognito> {
  const key = await loadSigningKey(path)
  const pools = new UserPools(identity.region)
  const tokens = createTokens(key, pools, clock)
  return {
    createUserPool(pool) {
      pools.createUserPool(pool)
      for (const user of users) pools.createUser(pool.id, user)
    },
    createUser: (poolId, user) => pools.createUser(poolId, user),
    token: tokens.issue,
    verify: tokens.verify,
    handle: serve({ key, pools, tokens }),
  }
}
