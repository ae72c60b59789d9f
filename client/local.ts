/** What of `amplify_outputs.json` is looked at here. */
interface Outputs {
  data: { url: string }
}

interface Token {
  toString(): string
  payload: Record<string, string | number>
}

/** Second argument of `Amplify.configure`: nothing, or who gives the tokens. */
interface LibraryOptions {
  Auth?: { tokenProvider: { getTokens(): Promise<{ accessToken: Token }> } }
}

const plainHosts = new Set<string>()

/**
 * Has Amplify talk to the local cloud: `Amplify.configure(outputs, useLocalCloud(outputs, token))`. `token` is the JWT of
 * a local user, or gives one. For an API on AWS, whose URL is https, it changes nothing and answers `{}`.
 */
export function useLocalCloud(outputs: Outputs, token: string | (() => string | Promise<string>)): LibraryOptions {
  const url = new URL(outputs.data.url)
  if (url.protocol !== 'http:') return {}
  dialWithoutTls(url.host)
  const getTokens = async () => ({ accessToken: parseToken(typeof token === 'string' ? token : await token()) })
  return { Auth: { tokenProvider: { getTokens } } }
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
