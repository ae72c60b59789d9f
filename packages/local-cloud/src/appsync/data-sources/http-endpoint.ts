import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { type Credentials, type SignedRequest, sign } from '../../signature-v4.ts'
import type { AppSyncApi, HttpEndpoint } from '../api.ts'
import { badRequest, type DataSource, DataSourceError } from './data-source.ts'

interface HttpRequest {
  method?: string
  resourcePath?: string
  params?: { headers?: Record<string, string>; query?: Record<string, unknown>; body?: unknown }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const RESERVED = ['host', 'connection', 'user-agent', 'expect', 'transfer-encoding', 'content-length']
type Reached = Pick<AppSyncApi, 'addressOf' | 'credentials'>

/** AppSync's own limit for a request as a whole. */
const TIMEOUT_MS = 30_000

/** The HTTP data source: `ctx.result` is `{ statusCode, headers, body }`, whatever the status. */
export function createHttpDataSource(
  endpoint: HttpEndpoint,
  { addressOf = (url) => url, credentials }: Reached,
): DataSource {
  return async (request) => {
    const { method, resourcePath, params = {} } = checked(request as HttpRequest | null | undefined)
    const body = bodyOf(params.body)
    const url = new URL(addressOf(endpoint.url))
    // Not made part of a URL object, which would change what the path says.
    const path = `${resourcePath}${queryOf(params.query)}`
    const headers = { ...params.headers, ...signature(endpoint, credentials, { method, target: path, body }, url.host) }
    const send = url.protocol === 'https:' ? https.request : http.request
    const outgoing = send(url, {
      method,
      path,
      // Names below localhost are this machine's by their standard, but not every machine knows that.
      ...(url.hostname.endsWith('.localhost') && { hostname: '127.0.0.1' }),
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      timeout: TIMEOUT_MS,
    })
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

/** The host, and where the endpoint asks for it a signature. S3 takes none without a word on the body, which AppSync adds. */
function signature(
  { signing }: HttpEndpoint,
  credentials: Credentials,
  request: Omit<SignedRequest, 'headers'>,
  host: string,
): Record<string, string> {
  if (!signing) return { host }
  const { region, serviceName: service } = signing
  const headers = { host, ...(service === 's3' && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }) }
  return { ...headers, ...sign(credentials, { ...request, headers }, { region, service, now: Date.now() }) }
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
