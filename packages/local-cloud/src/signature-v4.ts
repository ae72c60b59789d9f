import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
}

/** What a signature is made over. Header names are lower-case; their values may come from a frame, and be anything. */
export interface SignedRequest {
  method: string
  /** Path and query as they stand in the request. */
  target: string
  headers: Record<string, unknown>
  body: Buffer | string
}

interface Authorization {
  accessKeyId: string
  day: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
}

/** An Authorization header of SigV4; undefined for any other text. */
export function readAuthorization(header: unknown): Authorization | undefined {
  if (typeof header !== 'string' || !header.startsWith('AWS4-HMAC-SHA256 ')) return undefined
  const [, accessKeyId, day, region, service] =
    /\bCredential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request\b/.exec(header) ?? []
  const signedHeaders = /\bSignedHeaders=([^,\s]+)/.exec(header)?.[1]?.split(';')
  const signature = /\bSignature=([^,\s]+)/.exec(header)?.[1]
  if (!accessKeyId || !day || !region || !service || !signedHeaders || !signature) return undefined
  return { accessKeyId, day, region, service, signedHeaders, signature }
}

/** Whether the request's signature is that of `credentials`. When it was made is not asked: a laptop's clock may stand still. */
export function isSignedBy(credentials: Credentials, request: SignedRequest): boolean {
  const authorization = readAuthorization(request.headers.authorization)
  if (authorization?.accessKeyId !== credentials.accessKeyId) return false
  const expected = Buffer.from(signatureOf(credentials, request, authorization))
  const came = Buffer.from(authorization.signature)
  return expected.length === came.length && timingSafeEqual(expected, came)
}

/** The headers that make `request` a signed one, beside its own; all of those are signed. */
export function sign(
  credentials: Credentials,
  request: SignedRequest,
  { region, service, now }: { region: string; service: string; now: number },
): Record<string, string> {
  const date = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '')
  const headers = { ...request.headers, 'x-amz-date': date }
  const scope = { day: date.slice(0, 8), region, service, signedHeaders: Object.keys(headers).sort() }
  const signature = signatureOf(credentials, { ...request, headers }, scope)
  const credential = `${credentials.accessKeyId}/${scope.day}/${region}/${service}/aws4_request`
  return {
    'x-amz-date': date,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${scope.signedHeaders.join(';')}, Signature=${signature}`,
  }
}

type Scope = Pick<Authorization, 'day' | 'region' | 'service' | 'signedHeaders'>

function signatureOf({ secretAccessKey }: Credentials, request: SignedRequest, scope: Scope): string {
  const { day, region, service } = scope
  const text = [
    'AWS4-HMAC-SHA256',
    one(request.headers['x-amz-date'] ?? request.headers.date),
    `${day}/${region}/${service}/aws4_request`,
    sha256(canonicalRequest(request, scope)),
  ].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`)
  return hmac(key, text).toString('hex')
}

function canonicalRequest({ body, headers, method, target }: SignedRequest, { service, signedHeaders }: Scope): string {
  const [path = '/', query = ''] = target.split(/\?(.*)/s)
  const lines = signedHeaders.map((name) => `${name}:${one(headers[name]).trim().replace(/ +/g, ' ')}\n`)
  const declared = one(headers['x-amz-content-sha256'])
  return [
    method,
    // All services but S3 encode the path, encoded as it is, once more.
    service === 's3' ? path : path.split('/').map(encode).join('/'),
    [...new URLSearchParams(query)]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    lines.join(''),
    signedHeaders.join(';'),
    /^(UNSIGNED-PAYLOAD|STREAMING-)/.test(declared) ? declared : sha256(body),
  ].join('\n')
}

const one = (value: unknown) =>
  [value]
    .flat()
    .filter((each) => typeof each === 'string')
    .join(',')
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest()
