import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { HttpEndpoint } from '../api.ts'
import { badRequest, type DataSource, DataSourceError } from './data-source.ts'

interface HttpRequest {
  method?: string
  resourcePath?: string
  params?: { headers?: Record<string, string>; query?: Record<string, unknown>; body?: unknown }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const RESERVED = ['host', 'connection', 'user-agent', 'expect', 'transfer-encoding', 'content-length']
/** AppSync's own limit for a request as a whole. */
const TIMEOUT_MS = 30_000

/** The HTTP data source: `ctx.result` is `{ statusCode, headers, body }`, whatever the status. */
export function createHttpDataSource(endpoint: HttpEndpoint, addressOf: (url: string) => string): DataSource {
  const { host } = new URL(endpoint.url)
  return async (request) => {
    const { method, resourcePath, params = {} } = checked(request as HttpRequest | null | undefined)
    const body = bodyOf(params.body)
    const headers = { ...params.headers, host, ...authorization(endpoint), 'content-length': Buffer.byteLength(body) }
    const url = new URL(addressOf(endpoint.url))
    const send = url.protocol === 'https:' ? https.request : http.request
    // Not made part of a URL object, which would change what the path says.
    const path = `${resourcePath}${queryOf(params.query)}`
    const outgoing = send(url, { method, path, headers, timeout: TIMEOUT_MS })
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)))
    outgoing.end(body)
    try {
      const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
      return {
        statusCode: response.statusCode,
        headers: plainHeaders(response.headers),
        body: Buffer.concat(await response.toArray()).toString('utf8'),
      }
    } catch (error) {
      throw new DataSourceError('Http:RequestFailed', `${method} ${endpoint.url}${path}: ${(error as Error).message}`)
    }
  }
}

function checked(request: HttpRequest | null | undefined): HttpRequest & { method: string } {
  const { method = '', resourcePath, params } = request ?? {}
  if (!METHODS.includes(method)) {
    throw badRequest(`method of an HTTP request must be one of ${METHODS.join(', ')}, got ${method}`)
  }
  if (!resourcePath?.startsWith('/')) {
    throw badRequest(`resourcePath of an HTTP request must begin with /, got ${resourcePath}`)
  }
  const reserved = Object.keys(params?.headers ?? {}).find((name) => RESERVED.includes(name.toLowerCase()))
  if (reserved) throw badRequest(`headers of an HTTP request may not set ${RESERVED.join(', ')}, got ${reserved}`)
  return { method, resourcePath, params }
}

/**
 * Signatures are not verified locally, so there is none to compute; that one is there, and for what, can be seen. S3 takes
 * no signed request without a word on its body, which AppSync adds for that service.
 */
function authorization({ signing }: HttpEndpoint): Record<string, string> {
  if (!signing) return {}
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const scope = `${day}/${signing.region}/${signing.serviceName}/aws4_request`
  const signed = { authorization: `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=host, Signature=0` }
  return signing.serviceName === 's3' ? { ...signed, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : signed
}

function bodyOf(body: unknown): string {
  if (body === undefined || body === null) return ''
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function queryOf(query: Record<string, unknown> = {}): string {
  const text = new URLSearchParams(query as Record<string, string>).toString()
  return text && `?${text}`
}

function plainHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}
