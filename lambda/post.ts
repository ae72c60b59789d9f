import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export interface PostAnswer {
  status: number
  text: string
}

const sockets = { keepAlive: true, maxSockets: 500 }
const http = { request: httpRequest, agent: new HttpAgent(sockets) }
const https = { request: httpsRequest, agent: new HttpsAgent(sockets) }

/** One POST over a connection that stays open. Node's fetch does the same with three times the CPU, on every push. */
export function post(url: URL, headers: Record<string, string>, body: string, timeoutMs: number): Promise<PostAnswer> {
  const { request, agent } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers, timeout: timeoutMs }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    sent.on('error', reject)
    sent.end(body)
  })
}
