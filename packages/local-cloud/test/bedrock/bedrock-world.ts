import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterEach } from 'vitest'
import { createBedrock, type ModelAnswerer, offline } from '../../src/bedrock/index.ts'
import { systemClock } from '../../src/clock.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Listens on a free port for HTTP/1.1 and, told apart by the preface, HTTP/2. */
export async function listen(
  handler: (req: IncomingMessage, res: ServerResponse, body: Buffer) => Promise<void> | void,
) {
  const read = async (req: IncomingMessage, res: ServerResponse) => {
    const parts: Buffer[] = []
    for await (const part of req) parts.push(part as Buffer)
    await handler(req, res, Buffer.concat(parts))
  }
  const h1 = createServer(read)
  const h2 = createHttp2Server(read as never)
  const sockets = new Set<Socket>()
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('readable', () => {
      const start = socket.read() as Buffer | null
      if (!start) return
      socket.unshift(start)
      const target = start.toString('latin1', 0, 3) === 'PRI' ? h2 : h1
      target.emit('connection', socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function start(answer: ModelAnswerer, protocol: 'h2c' | 'HTTP/1.1' = 'h2c') {
  const bedrock = createBedrock({ clock: systemClock, answer })
  const seen: string[] = []
  const url = await listen((req, res, body) => {
    seen.push(req.httpVersion)
    return bedrock.handle(req, res, body)
  })
  const client = new BedrockRuntimeClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    ...(protocol === 'HTTP/1.1' && { requestHandler: new NodeHttpHandler() }),
  })
  closers.push(() => client.destroy())
  return { client, url, seen }
}

export const MODEL = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
export const HELLO: ConverseStreamCommandInput = {
  modelId: MODEL,
  messages: [{ role: 'user', content: [{ text: 'hello' }] }],
}

export const quiet = () => offline({ paceMs: 0 })

/** An answerer that says `parts` as one text. */
export function says(...parts: string[]): ModelAnswerer {
  return async function* () {
    yield { messageStart: { role: 'assistant' } }
    for (const text of parts) yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text } } }
    yield { contentBlockStop: { contentBlockIndex: 0 } }
    yield { messageStop: { stopReason: 'end_turn' } }
    yield { metadata: { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } } }
  }
}

export function fails(error: Error, afterText?: string): ModelAnswerer {
  return async function* () {
    if (afterText !== undefined) {
      yield { messageStart: { role: 'assistant' } }
      yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: afterText } } }
    }
    throw error
  }
}

export async function events(client: BedrockRuntimeClient, input: ConverseStreamCommandInput) {
  const { stream } = await client.send(new ConverseStreamCommand(input))
  const all: ConverseStreamOutput[] = []
  for await (const event of stream ?? []) all.push(event)
  return all
}

export const textIn = (all: ConverseStreamOutput[]) =>
  all.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('')
export const toolInputIn = (all: ConverseStreamOutput[]) =>
  JSON.parse(all.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? '').join(''))
export const stopIn = (all: ConverseStreamOutput[]) => all.find((event) => event.messageStop)?.messageStop?.stopReason
