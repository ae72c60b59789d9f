import type { IncomingMessage } from 'node:http'

type Headers = IncomingMessage['headers']

const LOCAL_NAME = String.raw`(127\.0\.0\.1|localhost|\[::1\]|([a-z0-9-]+\.)+localhost)`
const LOCAL_HOST = new RegExp(`^${LOCAL_NAME}(:\\d{1,5})?$`, 'i')
const LOCAL_ORIGIN = new RegExp(`^https?://${LOCAL_NAME}(:\\d{1,5})?$`, 'i')

/** The host that a request names; HTTP/2 has a header of its own for it. */
export function hostOf(headers: Headers): string | undefined {
  const authority = headers[':authority']
  return typeof authority === 'string' ? authority : headers.host
}

/** Another name may be anybody's, who has its address changed to this machine's once the page is loaded (DNS rebinding). */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOCAL_HOST.test(host)
}

/** The page that a request comes from, as far as its browser tells; undefined where none is behind it. */
export function pageOf({ origin, referer, 'sec-fetch-site': site }: Headers): string | undefined {
  if (origin !== undefined) return origin
  // A link, an image or a script of another site has no Origin; its browser says at least that it is another.
  if (site !== 'cross-site') return undefined
  return URL.canParse(referer ?? '') ? new URL(referer ?? '').origin : 'another site'
}

/** Checks the values of `--origin`; throws, in a line, for one that no browser sends. */
export function checkOrigins(origins: readonly string[]): readonly string[] {
  for (const origin of origins) {
    const isOrigin = origin === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/.test(origin)
    if (!isOrigin) {
      throw new Error(`--origin must be <scheme>://<host>[:<port>], such as https://app.example.com, got ${origin}`)
    }
  }
  return origins
}

export function isAllowedPage(page: string, origins: readonly string[]): boolean {
  return LOCAL_ORIGIN.test(page) || origins.includes(page)
}
