import { AwsError } from '../aws-error.ts'
import type { CognitoState, Operation } from './operation.ts'
import { TokenError } from './tokens.ts'
import type { User, UserPool } from './user-pools.ts'

interface InitiateAuthRequest {
  AuthFlow?: string
  ClientId?: string
  AuthParameters?: Record<string, string>
}

const LIFETIME_SECONDS = 3600
const REFRESH_SECONDS = 30 * 24 * 3600

/** By a password or a refresh token. */
export const initiateAuth: Operation = async (state, request: InitiateAuthRequest) => {
  if (!request.ClientId) throw invalidParameter('ClientId is missing')
  const { pool, user } = await chosenFlow(state, request)
  const withRefresh = request.AuthFlow === 'USER_PASSWORD_AUTH'
  return {
    ChallengeParameters: {},
    AuthenticationResult: await result(state, pool, user, request.ClientId, withRefresh),
  }
}

function chosenFlow(state: CognitoState, { AuthFlow, AuthParameters: given = {} }: InitiateAuthRequest) {
  switch (AuthFlow) {
    case 'USER_PASSWORD_AUTH':
      return byPassword(state, given)
    case 'REFRESH_TOKEN_AUTH':
    case 'REFRESH_TOKEN':
      return byRefreshToken(state, given)
    default:
      throw invalidParameter(
        `AuthFlow must be USER_PASSWORD_AUTH or REFRESH_TOKEN_AUTH here, got ${AuthFlow}. SRP is not emulated.`,
      )
  }
}

function byPassword({ pools }: CognitoState, { USERNAME, PASSWORD }: Record<string, string>) {
  const found = pools.find(USERNAME ?? '')
  if (!found?.user.password || found.user.password !== PASSWORD) throw notAuthorized('Incorrect username or password.')
  return found
}

async function byRefreshToken({ pools, tokens }: CognitoState, { REFRESH_TOKEN }: Record<string, string>) {
  const claims = await tokens.verify(REFRESH_TOKEN ?? '').catch((error: unknown) => {
    if (error instanceof TokenError) throw notAuthorized('Invalid Refresh Token')
    throw error
  })
  const pool = pools.byIssuer(claims.iss)
  const user = pool?.users.get(String(claims.username))
  if (!pool || !user || claims.token_use !== 'refresh') throw notAuthorized('Invalid Refresh Token')
  return { pool, user }
}

async function result({ tokens }: CognitoState, pool: UserPool, user: User, clientId: string, withRefresh: boolean) {
  const token = (use: 'access' | 'id' | 'refresh', expiresInSeconds: number) =>
    tokens.issue(pool.id, user.username, { use, clientId, expiresInSeconds })
  return {
    AccessToken: await token('access', LIFETIME_SECONDS),
    IdToken: await token('id', LIFETIME_SECONDS),
    ...(withRefresh ? { RefreshToken: await token('refresh', REFRESH_SECONDS) } : {}),
    ExpiresIn: LIFETIME_SECONDS,
    TokenType: 'Bearer',
  }
}

function notAuthorized(message: string): AwsError {
  return new AwsError('NotAuthorizedException', 400, message)
}

function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', 400, message)
}
