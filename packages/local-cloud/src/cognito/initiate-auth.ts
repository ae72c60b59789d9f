import type { CognitoParts } from './http.ts'
import { TokenError } from './tokens.ts'
import type { User, UserPool } from './user-pools.ts'

/** An error of Cognito's API, by its own name. */
export class CognitoError extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

export interface InitiateAuthRequest {
  AuthFlow?: string
  ClientId?: string
  AuthParameters?: Record<string, string>
}

const LIFETIME_SECONDS = 3600
const REFRESH_SECONDS = 30 * 24 * 3600

const wrong = () => new CognitoError('NotAuthorizedException', 'Incorrect username or password.')

function byPassword({ USERNAME, PASSWORD }: Record<string, string>, { pools }: CognitoParts) {
  const found = pools.find(USERNAME ?? '')
  if (!found?.user.password || found.user.password !== PASSWORD) throw wrong()
  return found
}

async function byRefreshToken({ REFRESH_TOKEN }: Record<string, string>, { pools, tokens }: CognitoParts) {
  const claims = await tokens.verify(REFRESH_TOKEN ?? '').catch((error: unknown) => {
    if (error instanceof TokenError) throw new CognitoError('NotAuthorizedException', 'Invalid Refresh Token')
    throw error
  })
  const pool = pools.byIssuer(claims.iss)
  const user = pool?.users.get(String(claims.username))
  if (!pool || !user || claims.token_use !== 'refresh') {
    throw new CognitoError('NotAuthorizedException', 'Invalid Refresh Token')
  }
  return { pool, user }
}

function chosenFlow(request: InitiateAuthRequest, parts: CognitoParts) {
  const given = request.AuthParameters ?? {}
  switch (request.AuthFlow) {
    case 'USER_PASSWORD_AUTH':
      return byPassword(given, parts)
    case 'REFRESH_TOKEN_AUTH':
    case 'REFRESH_TOKEN':
      return byRefreshToken(given, parts)
    default:
      throw new CognitoError(
        'InvalidParameterException',
        `AuthFlow must be USER_PASSWORD_AUTH or REFRESH_TOKEN_AUTH here, got ${request.AuthFlow}. SRP is not emulated.`,
      )
  }
}

async function result(pool: UserPool, user: User, clientId: string, parts: CognitoParts, withRefresh: boolean) {
  const token = (use: 'access' | 'id' | 'refresh', expiresInSeconds: number) =>
    parts.tokens.issue(pool.id, user.username, { use, clientId, expiresInSeconds })
  return {
    AccessToken: await token('access', LIFETIME_SECONDS),
    IdToken: await token('id', LIFETIME_SECONDS),
    ...(withRefresh ? { RefreshToken: await token('refresh', REFRESH_SECONDS) } : {}),
    ExpiresIn: LIFETIME_SECONDS,
    TokenType: 'Bearer',
  }
}

/** InitiateAuth, by a password or a refresh token. */
export async function initiateAuth(request: InitiateAuthRequest, parts: CognitoParts) {
  if (!request.ClientId) throw new CognitoError('InvalidParameterException', 'ClientId is missing')
  const { pool, user } = await chosenFlow(request, parts)
  const withRefresh = request.AuthFlow === 'USER_PASSWORD_AUTH'
  return {
    ChallengeParameters: {},
    AuthenticationResult: await result(pool, user, request.ClientId, parts, withRefresh),
  }
}
