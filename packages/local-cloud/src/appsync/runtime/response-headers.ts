import { current, ResolverError } from './invocation.ts'

const HOP_BY_HOP = /^(transfer-encoding|connection|host|expect|keep-alive|upgrade|proxy-.*|te|content-length)$/i
const FORBIDDEN = /^(access-control-.*|vary|content-type|x-amz-.*|x-amzn-.*)$/i
const MAX_BYTES = 4096

function objectionTo(name: string, text: string, headers: Record<string, string>): string | undefined {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return 'is not a valid header name'
  if (FORBIDDEN.test(name)) return 'may not be set: CORS, vary, content-type, x-amz- and x-amzn- names are reserved'
  const size = Object.entries(headers).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  const fits = size + name.length + Buffer.byteLength(text) <= MAX_BYTES
  return fits ? undefined : `all headers together may hold ${MAX_BYTES} bytes`
}

function addResponseHeader(name: string, value: unknown): void {
  const { responseHeaders, errors } = current()
  const objection = objectionTo(name, String(value), responseHeaders)
  if (objection) errors.push(new ResolverError(`Response header ${name}: ${objection}`, 'ResponseHeaderError'))
  else responseHeaders[name.toLowerCase()] = String(value)
}

/** `util.http` */
export const http = {
  copyHeaders: (headers: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.test(name))),
  addResponseHeader,
  addResponseHeaders(headers: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(headers)) addResponseHeader(name, value)
  },
}
