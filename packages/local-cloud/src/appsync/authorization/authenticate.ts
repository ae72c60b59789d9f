import { AwsError } from '../../aws-error.ts'
import type { Identity } from '../../service.ts'
import { isSignedBy, readAuthorization, type SignedRequest } from '../../signature-v4.ts'
import type { AppSyncApi } from '../api.ts'
import type { Mode, Modes } from './modes.ts'

/** Who asks. */
export interface Caller {
  mode: Mode
  /** As `util.authType()` answers. */
  authType: string
  /** As `ctx.identity` shows it. */
  identity: Record<string, unknown> | null
  groups: string[]
}

/** No, or no valid, credentials. The message goes to the client, the reason to the log. */
export class Unauthorized extends Error {
  readonly reason: string

  constructor(reason: string, message = 'You are not authorized to make this call.') {
    super(message)
    this.name = 'Unauthorized'
    this.reason = reason
  }
}

/** The headers that carry credentials, by lower-case name; of a frame of a client, so of any type. */
export type Credentials = Record<string, unknown>

/** The request that credentials of IAM sign; a WebSocket's and its subscriptions' are requests that are not sent as such. */
export type Signed = Pick<SignedRequest, 'method' | 'target' | 'body'>

export type Authenticate = (credentials: Credentials, sourceIp: string[], signed: Signed) => Promise<Caller>

const one = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

function apiKey(key: string, api: AppSyncApi, modes: Modes): Caller {
  if (!modes.all.has('API_KEY')) throw new Unauthorized('an API key came, and the API has no API_KEY mode')
  if (!api.apiKeys?.includes(key)) throw new Unauthorized('the API key is not one of the API')
  return { mode: 'API_KEY', authType: 'API Key Authorization', identity: null, groups: [] }
}

// On AWS the caller's policy decides. Locally there are no policies, and one principal: the stack itself.
function iam(
  stack: AppSyncApi['credentials'],
  modes: Modes,
  identity: Identity,
  sourceIp: string[],
  request: SignedRequest,
): Caller {
  if (!modes.all.has('AWS_IAM')) throw new Unauthorized('a SigV4 signature came, and the API has no AWS_IAM mode')
  const { accessKeyId, service } = readAuthorization(request.headers.authorization) ?? {}
  if (service !== 'appsync') throw new Unauthorized('the SigV4 header has no credential scope of appsync')
  if (accessKeyId !== stack.accessKeyId) {
    throw new AwsError('UnrecognizedClientException', 403, 'The security token included in the request is invalid.')
  }
  if (!isSignedBy(stack, request)) {
    const message = 'The request signature we calculated does not match the signature you provided.'
    throw new AwsError('InvalidSignatureException', 403, message)
  }
  return {
    mode: 'AWS_IAM',
    authType: 'IAM Authorization',
    groups: [],
    identity: {
      accountId: identity.accountId,
      cognitoIdentityPoolId: null,
      cognitoIdentityId: null,
      sourceIp,
      username: accessKeyId,
      userArn: `arn:aws:iam::${identity.accountId}:user/${accessKeyId}`,
      cognitoIdentityAuthType: null,
      cognitoIdentityAuthProvider: null,
    },
  }
}

function userPoolCaller(claims: Record<string, unknown>, action: string, sourceIp: string[]): Caller {
  const groups = Array.isArray(claims['cognito:groups']) ? (claims['cognito:groups'] as string[]) : null
  return {
    mode: 'AMAZON_COGNITO_USER_POOLS',
    authType: 'User Pool Authorization',
    groups: groups ?? [],
    identity: {
      sub: claims.sub,
      issuer: claims.iss,
      // The id token and the access token name the user differently.
      username: claims['cognito:username'] ?? claims.username,
      claims,
      sourceIp,
      defaultAuthStrategy: action,
      groups,
    },
  }
}

async function token(text: string, api: AppSyncApi, modes: Modes, sourceIp: string[]): Promise<Caller> {
  const claims = await api.verifyToken(text).catch((error: Error & { reason?: string }) => {
    if (error.reason === 'expired') throw new Unauthorized(error.message, 'Token has expired.')
    throw new Unauthorized(error.message)
  })
  const mode = modes.issuers.get(String(claims.iss))
  if (mode === 'AMAZON_COGNITO_USER_POOLS') {
    const pool = modes.all.get(mode)?.UserPoolConfig
    const client = claims.client_id ?? claims.aud
    if (pool?.AppIdClientRegex && !new RegExp(pool.AppIdClientRegex).test(String(client))) {
      throw new Unauthorized(`client ${client} does not match AppIdClientRegex ${pool.AppIdClientRegex}`)
    }
    if (claims.token_use !== 'access' && claims.token_use !== 'id') {
      throw new Unauthorized(`token_use must be access or id, got ${claims.token_use}`)
    }
    return userPoolCaller(claims, pool?.DefaultAction ?? 'ALLOW', sourceIp)
  }
  if (mode === 'OPENID_CONNECT') {
    const identity = { sub: claims.sub, issuer: claims.iss, claims }
    return { mode, authType: 'Open ID Connect Authorization', identity, groups: [] }
  }
  throw new Unauthorized(`the token's issuer is ${claims.iss}; the API accepts ${[...modes.issuers.keys()].join(', ')}`)
}

/** Finds out who calls, from the headers of a request, a WebSocket connection or a `start` frame. */
export function createAuthenticate(api: AppSyncApi, modes: Modes, identity: Identity): Authenticate {
  return async (credentials, sourceIp, signed) => {
    const key = one(credentials['x-api-key'])
    if (key) return apiKey(String(key), api, modes)
    const authorization = one(credentials.authorization)
    if (!authorization) throw new Unauthorized('no x-api-key and no Authorization came')
    if (typeof authorization !== 'string') {
      throw new Unauthorized(`Authorization must be a string, got ${JSON.stringify(authorization)}`)
    }
    if (authorization.startsWith('AWS4-HMAC-SHA256')) {
      return iam(api.credentials, modes, identity, sourceIp, { ...signed, headers: credentials })
    }
    return token(authorization.replace(/^Bearer /, ''), api, modes, sourceIp)
  }
}
