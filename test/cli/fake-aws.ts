import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventStreamCodec } from '@smithy/core/event-streams'

export interface Answer {
  status: number
  headers?: Record<string, string>
  body: string | Uint8Array
}

export type Question = 'sts' | 'ssm' | 'lambda' | 'availability' | 'profile' | 'converse'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

/** What AWS answers an account where all is well, in the forms of its five services. */
const WELL: Record<Question, Answer> = {
  sts: {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
      <Arn>arn:aws:iam::111122223333:user/dev</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account>
      </GetCallerIdentityResult></GetCallerIdentityResponse>`,
  },
  ssm: json({ Parameter: { Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Value: '30' } }),
  lambda: concurrency(1000),
  availability: availability({}),
  profile: json({
    inferenceProfileId: 'global.anthropic.claude-haiku-5-5',
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
    models: [{ modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-5-5' }],
  }),
  converse: stream(
    { messageStart: { role: 'assistant' } },
    { contentBlockStart: { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: 'ready' } } } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"ready":true}' } } } },
    { contentBlockStop: { contentBlockIndex: 0 } },
    { messageStop: { stopReason: 'tool_use' } },
    { metadata: { usage: { inputTokens: 90, outputTokens: 20, totalTokens: 110 }, metrics: { latencyMs: 9 } } },
  ),
}

export function json(body: object, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

export function concurrency(all: number, unreserved = all): Answer {
  return json({ AccountLimit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved } })
}

export function availability(but: object): Answer {
  return json({
    modelId: 'anthropic.claude-haiku-5-5',
    agreementAvailability: { status: 'AVAILABLE' },
    authorizationStatus: 'AUTHORIZED',
    entitlementAvailability: 'AVAILABLE',
    regionAvailability: 'AVAILABLE',
    ...but,
  })
}

/** An error as Lambda and Bedrock send it. */
export function restError(status: number, name: string, message: string): Answer {
  return { ...json({ message }, status), headers: { 'content-type': 'application/json', 'x-amzn-errortype': name } }
}

/** An error as SSM sends it. */
export function jsonError(name: string, message: string): Answer {
  return json({ __type: `com.amazonaws.ssm#${name}`, message }, 400)
}

/** An error as STS sends it. */
export function xmlError(status: number, code: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  }
}

export function stream(...events: Record<string, object>[]): Answer {
  const frames = events.map((event) => {
    const [type = '', payload] = Object.entries(event)[0] ?? []
    const headers = { ':event-type': type, ':message-type': 'event', ':content-type': 'application/json' }
    const named = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }])
    return codec.encode({ headers: Object.fromEntries(named), body: Buffer.from(JSON.stringify(payload)) })
  })
  return { status: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body: Buffer.concat(frames) }
}

/** A server that is all of AWS to the doctor, but for the answers that are given. Unsigned requests are refused. */
export async function startFakeAws(but: Partial<Record<Question, Answer>> = {}) {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    asked.push(`${request.method} ${request.url}`)
    const question = questionOf(request, body)
    const answer = question ? { ...WELL, ...but }[question] : restError(404, 'UnknownOperationException', 'no')
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function questionOf({ method, url = '', headers }: IncomingMessage, body: string): Question | undefined {
  const service = /Credential=[^/]+\/\d+\/[\w-]+\/(\w+)\//.exec(headers.authorization ?? '')?.[1]
  if (service === 'sts' && body.includes('Action=GetCallerIdentity')) return 'sts'
  if (service === 'ssm' && headers['x-amz-target'] === 'AmazonSSM.GetParameter') return 'ssm'
  if (service === 'lambda' && url === '/2016-08-19/account-settings/') return 'lambda'
  if (service !== 'bedrock') return undefined
  if (method === 'GET' && url.startsWith('/foundation-model-availability/')) return 'availability'
  if (method === 'GET' && url.startsWith('/inference-profiles/')) return 'profile'
  return /^\/model\/[^/]+\/converse-stream$/.test(url) ? 'converse' : undefined
}
