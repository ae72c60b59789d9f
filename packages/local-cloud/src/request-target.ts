import type { IncomingMessage } from 'node:http'

/** Path and query of a request as they came: made a URL object, some of what a client may send throws. */
export function readTarget({ url = '/' }: Pick<IncomingMessage, 'url'>): { path: string; query: URLSearchParams } {
  const end = url.indexOf('?')
  if (end < 0) return { path: url, query: new URLSearchParams() }
  return { path: url.slice(0, end), query: new URLSearchParams(url.slice(end + 1)) }
}
