import type { IncomingMessage, ServerResponse } from 'node:http'
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
import { clientSettings, openService } from '../open-service.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Serves until the test is over; gives the URL. */
export async function listen(
  handler: (req: IncomingMessage, res: ServerResponse, body: Buffer) => Promise<void> | void,
) {
  const { close, url } = await openService(async (req, res, body) => handler(req, res, body))
  closers.push(close)
  return url
}

export async function start(answer: ModelAnswerer, protocol: 'h2c' | 'HTTP/1.1' = 'h2c') {
  const bedrock = createBedrock({ clock: systemClock, answer })
  const seen: string[] = []
  const url = await listen((req, res, body) => {
    seen.push(req.httpVersion)
    return bedrock.handle(req, res, body)
  })
  const client = new BedrockRuntimeClient({
    ...clientSettings(url),
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
