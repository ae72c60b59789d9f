import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { checkModel, openAiCompatible, parseModel } from '../../src/bedrock/index.ts'
import { openService } from '../open-service.ts'
import { events, HELLO, listen, MODEL, start, stopIn, textIn, toolInputIn } from './bedrock-world.ts'

describe('openAiCompatible', () => {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  })
  const sse = (...chunks: object[]) =>
    `${chunks.map((part) => `data: ${JSON.stringify(part)}\n\n`).join('')}data: [DONE]\n\n`

  /** Where nobody listens any more. */
  async function closedPort() {
    const { close, url } = await openService(async () => {})
    await close()
    return url
  }

  async function chatServer(respond: (res: ServerResponse, req: IncomingMessage) => void) {
    const asked: Record<string, unknown>[] = []
    const url = await listen((req, res, body) => {
      if (body.length > 0)
        asked.push({ path: req.url, authorization: req.headers.authorization, ...JSON.parse(body.toString()) })
      respond(res, req)
    })
    return { url, asked }
  }

  test('maps the whole conversation there, and text, tool calls and usage back', async () => {
    const { url, asked } = await chatServer((res) => {
      const body = sse(
        chunk({ role: 'assistant', reasoning_content: 'hmm' }),
        chunk({ content: 'Let me ' }),
        chunk({ content: 'prüfen, ä.' }),
        chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'find', arguments: '' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"q":' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"x"}' } }] }),
        chunk({}, 'stop'),
        { choices: [], usage: { prompt_tokens: 11, completion_tokens: 7 } },
      )
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      // Cut inside a line and inside a character, as the network does.
      const bytes = Buffer.from(body)
      const cut = bytes.indexOf('ä') + 1
      res.write(bytes.subarray(0, cut))
      res.end(bytes.subarray(cut))
    })
    const { client } = await start(openAiCompatible(url, 'qwen3', 'key'))
    const all = await events(client, {
      modelId: MODEL,
      system: [{ text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ text: 'Find it.' }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'find', input: { q: 'y' } } }] },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 't1', status: 'error', content: [{ json: { no: 1 } }] } },
            { text: 'Again.' },
          ],
        },
      ],
      inferenceConfig: { maxTokens: 99, temperature: 0.2 },
      toolConfig: {
        tools: [{ toolSpec: { name: 'find', description: 'Finds', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { tool: { name: 'find' } },
      },
    })
    expect(asked[0]).toMatchObject({
      path: '/v1/chat/completions',
      authorization: 'Bearer key',
      model: 'qwen3',
      max_tokens: 99,
      temperature: 0.2,
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Find it.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 't1', type: 'function', function: { name: 'find', arguments: '{"q":"y"}' } }],
        },
        { role: 'tool', tool_call_id: 't1', content: 'Error: {"no":1}' },
        { role: 'user', content: 'Again.' },
      ],
      tools: [{ type: 'function', function: { name: 'find', description: 'Finds', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'find' } },
    })
    expect(textIn(all)).toBe('Let me prüfen, ä.')
    expect(all.find((event) => event.contentBlockStart)?.contentBlockStart?.start?.toolUse).toEqual({
      toolUseId: 'call_1',
      name: 'find',
    })
    expect(toolInputIn(all)).toEqual({ q: 'x' })
    expect(stopIn(all)).toBe('tool_use')
    expect(all.at(-1)?.metadata?.usage).toEqual({ inputTokens: 11, outputTokens: 7, totalTokens: 18 })
  })

  test.each([
    [400, 'ValidationException'],
    [401, 'AccessDeniedException'],
    [404, 'ResourceNotFoundException'],
    [429, 'ThrottlingException'],
    [500, 'ModelErrorException'],
    [503, 'ServiceUnavailableException'],
  ])('HTTP %i becomes %s with the message of the server', async (status, name) => {
    const { url } = await chatServer((res) =>
      res.writeHead(status, { 'retry-after': '7' }).end('{"error":{"message":"not now"}}'),
    )
    const { client } = await start(openAiCompatible(url, 'qwen3'))
    const error = await events(client, HELLO).catch((thrown) => thrown)
    expect(error).toMatchObject({ name, message: expect.stringContaining('not now') })
    expect(error.$response.headers['retry-after']).toBe('7')
  })

  test('an error or an end in mid-stream is a ModelStreamErrorException', async () => {
    const bodies = [sse(chunk({ content: 'a' }), { error: { message: 'out of memory' } }), sse(chunk({ content: 'a' }))]
    const { url } = await chatServer((res) => res.writeHead(200).end(bodies.shift()))
    const { client } = await start(openAiCompatible(url, 'qwen3'))
    await expect(events(client, HELLO)).rejects.toMatchObject({
      name: 'ModelStreamErrorException',
      message: 'out of memory',
    })
    await expect(events(client, HELLO)).rejects.toMatchObject({
      name: 'ModelStreamErrorException',
      message: /finish_reason/,
    })
  })

  test('a server whose context is smaller than maxTokens is asked without it', async () => {
    const { url, asked } = await chatServer((res) => {
      if (asked.at(-1)?.max_tokens === undefined) return void res.end(sse(chunk({ content: 'hi' }), chunk({}, 'stop')))
      res.writeHead(400)
      res.end(
        JSON.stringify({ error: { message: "max_tokens is too large: 16000. The model's context length is 8192" } }),
      )
    })
    const { client } = await start(openAiCompatible(url, 'small', 'key'))
    expect(textIn(await events(client, { ...HELLO, inferenceConfig: { maxTokens: 16_000 } }))).toBe('hi')
    expect(asked.map((body) => body.max_tokens)).toEqual([16_000, undefined])
  })

  test('hanging up reaches the model server', async () => {
    const closed = Promise.withResolvers<void>()
    const { url } = await chatServer((res) => {
      res.on('close', () => closed.resolve())
      res.writeHead(200)
      res.write(`data: ${JSON.stringify(chunk({ content: 'once' }))}\n\n`)
    })
    const { client } = await start(openAiCompatible(url, 'qwen3'))
    const hangUp = new AbortController()
    const { stream } = await client.send(new ConverseStreamCommand(HELLO), { abortSignal: hangUp.signal })
    const reading = (async () => {
      for await (const event of stream ?? []) if (event.contentBlockDelta) hangUp.abort()
    })()
    await Promise.allSettled([reading])
    await closed.promise
  })

  test('a missing server is named, with the way out', async () => {
    const url = await closedPort()
    const { client } = await start(openAiCompatible(url, 'qwen3'))
    await expect(events(client, HELLO)).rejects.toMatchObject({
      name: 'ServiceUnavailableException',
      message: expect.stringMatching(/127\.0\.0\.1:\d+\/v1.*ECONNREFUSED.*ollama serve.*--model offline/),
    })
    const line = await checkModel(parseModel(`openai:${url}#qwen3`))
    expect(line).toMatch(
      /http:\/\/127\.0\.0\.1:\d+ \(tried GET .*\/v1\/models: ECONNREFUSED\).*ollama serve.*--model offline/,
    )
    expect(line).not.toContain('\n')
  })

  test('checkModel knows a server that lacks the model', async () => {
    const { url } = await chatServer((res) => res.writeHead(200).end('{"data":[{"id":"llama3:latest"}]}'))
    expect(await checkModel({ kind: 'openai', url, model: 'qwen3' })).toMatch(
      /no model qwen3, only llama3:latest.*ollama pull qwen3/,
    )
    expect(await checkModel({ kind: 'openai', url, model: 'llama3' })).toBeUndefined()
  })
})
