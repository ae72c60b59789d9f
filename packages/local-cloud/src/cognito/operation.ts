import type { SigningKey } from './signing-key.ts'
import type { Tokens } from './tokens.ts'
import type { UserPools } from './user-pools.ts'

/** What the operations of Cognito share. */
export interface CognitoState {
  key: SigningKey
  pools: UserPools
  tokens: Tokens
}

/** One operation; the request and what it returns are the JSON of the wire. */
export type Operation = (state: CognitoState, request: Record<string, unknown>) => Promise<object>
