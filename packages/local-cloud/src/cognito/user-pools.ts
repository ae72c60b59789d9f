import { createHash } from 'node:crypto'

export interface CreateUserOptions {
  username: string
  /** What InitiateAuth asks for; a user without one cannot sign in, but `token` still works. */
  password?: string
  sub?: string
  groups?: string[]
  email?: string
}

export interface User {
  username: string
  password: string | undefined
  sub: string
  groups: string[]
  email: string | undefined
}

export interface UserPool {
  id: string
  issuer: string
  users: Map<string, User>
}

/** A sub in the form of a UUID that a user keeps over restarts, so that what was theirs yesterday still is. */
function stableSub(poolId: string, username: string): string {
  const hex = createHash('sha256').update(`${poolId}/${username}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** The user pools and their users, in memory. */
export class UserPools {
  readonly #pools = new Map<string, UserPool>()
  readonly #region: string

  constructor(region: string) {
    this.#region = region
  }

  createUserPool({ id }: { id: string; groups?: string[] }): void {
    if (this.#pools.has(id)) return
    const issuer = `https://cognito-idp.${this.#region}.amazonaws.com/${id}`
    this.#pools.set(id, { id, issuer, users: new Map() })
  }

  createUser(poolId: string, user: CreateUserOptions): User {
    const { username, password, email, groups = [], sub = stableSub(poolId, username) } = user
    const created = { username, password, sub, groups, email }
    this.pool(poolId).users.set(username, created)
    return created
  }

  has(id: string): boolean {
    return this.#pools.has(id)
  }

  pool(id: string): UserPool {
    const pool = this.#pools.get(id)
    if (!pool) throw new Error(`there is no user pool ${id}; there is ${[...this.#pools.keys()].join(', ') || 'none'}`)
    return pool
  }

  user(poolId: string, username: string): User {
    const { users } = this.pool(poolId)
    const user = users.get(username)
    if (!user)
      throw new Error(`pool ${poolId} has no user ${username}; it has ${[...users.keys()].join(', ') || 'none'}`)
    return user
  }

  /** The pool that issues as `issuer`. */
  byIssuer(issuer: unknown): UserPool | undefined {
    return [...this.#pools.values()].find((pool) => pool.issuer === issuer)
  }

  /** Whoever goes by this name, in any pool: InitiateAuth names a client, not a pool. */
  find(username: string): { pool: UserPool; user: User } | undefined {
    for (const pool of this.#pools.values()) {
      const user = pool.users.get(username)
      if (user) return { pool, user }
    }
    return undefined
  }
}
