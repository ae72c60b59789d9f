import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { SignatureV4 } from '@smithy/signature-v4'

export interface Answer {
  status: number
  text: string
}

/** Who signs. Asked before each request, as the credentials of a role are renewed. */
export type Credentials = () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>

/** Sends one signed request; rejects when there was no answer. */
export type SendSigned = (method: 'POST' | 'PUT', url: URL, contentType: string, body: string) => Promise<Answer>

interface Signing {
  service: 'appsync' | 's3'
  region: string
  credentials: Credentials
  timeoutMs: number
}

/** For the two services of which one call each is needed: their clients would cost more than the rest of the bundle's growth. */
export function createSendSigned({ service, region, credentials, timeoutMs }: Signing): SendSigned {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
  return async (method, url, contentType, text) => {
    const { headers, body } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port ? Number(url.port) : undefined,
      path: url.pathname,
      query: {},
      headers: { host: url.host, 'content-type': contentType },
      body: text,
    })
    return send(method, url, headers, body, timeoutMs)
  }
}

const sockets = { keepAlive: true, maxSockets: 500 }
const http = { request: httpRequest, agent: new HttpAgent(sockets) }
const https = { request: httpsRequest, agent: new HttpsAgent(sockets) }

/** One request over a connection that stays open. Node's fetch does the same with three times the CPU, on every push. */
function send(method: string, url: URL, headers: Record<string, string>, body: string, timeout: number) {
  const { request, agent } = url.protocol === 'https:' ? https : http
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(url, { method, agent, headers, timeout }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout} ms`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** SHA-256 of node:crypto in the form that the signer asks for. */
class Sha256 {
  #hash: Hash | Hmac
  readonly #secret?: string | Uint8Array
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined || typeof secret === 'string' ? secret : bytes(secret)
    this.#hash = this.#begin()
  }

  update(data: string | Uint8Array) {
    this.#hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset() {
    this.#hash = this.#begin()
  }

  #begin() {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytes(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
