/** What of `amplify_outputs.json` is looked at here. */
export interface LocalOutputs {
  data: { url: string }
  auth?: { user_pool_client_id: string }
}

/** One of the users that `npm start` prints; all have the password "local". */
export interface LocalUser {
  username: string
  password?: string
}

interface Token {
  toString(): string
  payload: Record<string, string | number>
}

/** Second argument of `Amplify.configure`: nothing, or who gives the tokens. */
export interface LibraryOptions {
  Auth?: { tokenProvider: { getTokens(): Promise<{ accessToken: Token }> } }
}

const plainHosts = new Set<string>()

/**
 * Has Amplify talk to the local cloud: `Amplify.configure(outputs, localCloud(outputs, { username: 'alice' }))`. Takes a
 * local user, who is signed in at the first request, or a JWT, or what gives one. For an API on AWS, whose URL is https, it
 * changes nothing and answers `{}`.
 */
export function localCloud(
  outputs: LocalOutputs,
  who: LocalUser | string | (() => string | Promise<string>),
): LibraryOptions {
  const url = new URL(outputs.data.url)
  if (url.protocol !== 'http:') return {}
  dialWithoutTls(url.host)
  const token = typeof who === 'object' ? signedIn(outputs, who) : typeof who === 'string' ? () => who : who
  return { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: parseToken(await token()) }) } } }
}

/** Gives the access token of a user, and signs in again when it has less than a minute left. */
function signedIn(outputs: LocalOutputs, user: LocalUser): () => Promise<string> {
  let token: Promise<string> | undefined
  return async () => {
    const expires = token ? Number(parseToken(await token).payload.exp) * 1000 : 0
    if (expires < Date.now() + 60_000) token = initiateAuth(outputs, user)
    return token as Promise<string>
  }
}

async function initiateAuth(
  { auth, data }: LocalOutputs,
  { username, password = 'local' }: LocalUser,
): Promise<string> {
  const response = await fetch(new URL('/', data.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: auth?.user_pool_client_id,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  })
  const answer = (await response.json()) as { message?: string; AuthenticationResult?: { AccessToken: string } }
  if (answer.AuthenticationResult) return answer.AuthenticationResult.AccessToken
  throw new Error(`${username} could not be signed in at ${data.url}: ${answer.message}`)
}

/** Amplify dials wss:// even when the API's URL is http://. Sockets to other hosts stay as they are. */
function dialWithoutTls(host: string): void {
  if (plainHosts.size === 0) {
    globalThis.WebSocket = new Proxy(globalThis.WebSocket, {
      construct(socket, [address, ...rest], newTarget) {
        const url = new URL(address)
        if (plainHosts.has(url.host) && url.protocol === 'wss:') url.protocol = 'ws:'
        return Reflect.construct(socket, [url.href, ...rest], newTarget)
      },
    })
  }
  plainHosts.add(host)
}

function parseToken(jwt: string): Token {
  const [, claims] = jwt.split('.')
  if (!claims) throw new Error('token must be the JWT of a local user: three parts with dots between')
  const json = atob(claims.replaceAll('-', '+').replaceAll('_', '/'))
  return { toString: () => jwt, payload: JSON.parse(json) }
}
