import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'

/** Servers are often named without the /v1 that their API stands under. */
export function apiBase(url: string): string {
  const base = url.replace(/\/+$/, '')
  return new URL(base).pathname === '/' ? `${base}/v1` : base
}

export interface ServerAnswer {
  status: number
  retryAfterSeconds: number | undefined
  body: AsyncIterable<string>
}

/**
 * Not `fetch`: it gives up when no byte comes for five minutes, and a large model on a laptop may read a long prompt
 * for longer than that. The caller's own time-out is the limit.
 */
export async function post(
  url: string,
  payload: unknown,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'text/event-stream' }
  if (apiKey) headers.authorization = `Bearer ${apiKey}`
  const request = url.startsWith('https:') ? https.request : http.request
  const outgoing = request(url, { method: 'POST', headers, signal })
  // Once the head is there, whatever breaks shows in the body too; without a listener here it would end the process.
  outgoing.on('error', () => {})
  outgoing.end(JSON.stringify(payload))
  const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
  response.setEncoding('utf8')
  const seconds = Number(response.headers['retry-after'])
  return { status: response.statusCode ?? 0, retryAfterSeconds: seconds > 0 ? seconds : undefined, body: response }
}

/** The ids that GET /models lists; throws what kept the server from answering. */
export async function listModels(url: string, apiKey = process.env.OPENAI_API_KEY): Promise<string[]> {
  const headers: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {}
  const response = await fetch(`${apiBase(url)}/models`, { headers, signal: AbortSignal.timeout(3000) }).catch(
    (error) => {
      throw error.cause?.code ? new Error(error.cause.code, { cause: error }) : error
    },
  )
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const { data } = (await response.json()) as { data?: { id: string }[] }
  return (data ?? []).map(({ id }) => id)
}
