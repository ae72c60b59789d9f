import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { bedrockError } from '../../src/bedrock/index.ts'
import { events, fails, HELLO, MODEL, quiet, says, start, textIn } from './bedrock-world.ts'

describe.each(['h2c', 'HTTP/1.1'] as const)('over %s', (protocol) => {
  test('ConverseStream sends the events of an answer, in order', async () => {
    const { client, seen } = await start(says('Hel', 'lo, grüß dich'), protocol)
    const all = await events(client, HELLO)
    expect(seen).toEqual([protocol === 'h2c' ? '2.0' : '1.1'])
    expect(all.map((event) => Object.keys(event)[0])).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ])
    expect(textIn(all)).toBe('Hello, grüß dich')
    expect(all.at(-1)?.metadata?.usage).toEqual({ inputTokens: 3, outputTokens: 2, totalTokens: 5 })
    expect(all.at(-1)?.metadata?.metrics?.latencyMs).toBeGreaterThanOrEqual(0)
  })

  test('Converse answers with the whole message', async () => {
    const { client } = await start(says('Hel', 'lo'), protocol)
    const reply = await client.send(new ConverseCommand(HELLO))
    expect(reply.output?.message).toEqual({ role: 'assistant', content: [{ text: 'Hello' }] })
    expect(reply.stopReason).toBe('end_turn')
    expect(reply.usage?.totalTokens).toBe(5)
    expect(reply.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('an error before the first event has its own name and HTTP status', async () => {
    const { client } = await start(fails(bedrockError('ThrottlingException', 'Too many requests')), protocol)
    for (const command of [new ConverseStreamCommand(HELLO), new ConverseCommand(HELLO)]) {
      const error = await client.send(command as ConverseCommand).catch((thrown) => thrown)
      expect(error).toMatchObject({
        name: 'ThrottlingException',
        message: 'Too many requests',
        $metadata: { httpStatusCode: 429 },
      })
    }
  })

  test('an error in mid-stream arrives as that error, after the text before it', async () => {
    const { client } = await start(fails(bedrockError('ModelStreamErrorException', 'lost it'), 'so far'), protocol)
    const { stream } = await client.send(new ConverseStreamCommand(HELLO))
    let text = ''
    const reading = (async () => {
      for await (const event of stream ?? []) text += event.contentBlockDelta?.delta?.text ?? ''
    })()
    await expect(reading).rejects.toMatchObject({
      name: 'ModelStreamErrorException',
      message: 'lost it',
      originalStatusCode: 424,
    })
    expect(text).toBe('so far')
  })

  test('the model stops when the client hangs up', async () => {
    const stopped = Promise.withResolvers<unknown>()
    const { client } = await start(async function* (_request, _id, signal) {
      signal.addEventListener('abort', () => stopped.resolve(signal.reason))
      yield { messageStart: { role: 'assistant' } }
      yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'once upon' } } }
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }, protocol)
    const hangUp = new AbortController()
    const { stream } = await client.send(new ConverseStreamCommand(HELLO), { abortSignal: hangUp.signal })
    const reading = (async () => {
      for await (const event of stream ?? []) if (event.contentBlockDelta) hangUp.abort()
    })()
    // Over HTTP/1.1 the SDK rejects, over HTTP/2 it just ends the stream: either is the client's business.
    await Promise.allSettled([reading])
    expect(String(await stopped.promise)).toContain('closed the connection')
  })
})

test('the model id of the path is decoded', async () => {
  const asked: string[] = []
  const { client } = await start(async function* (request, modelId, signal) {
    asked.push(modelId)
    yield* says('ok')(request, modelId, signal)
  })
  const arn = 'arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.anthropic.claude-v1:0'
  await events(client, { ...HELLO, modelId: MODEL })
  await events(client, { ...HELLO, modelId: arn })
  expect(asked).toEqual([MODEL, arn])
})

describe('a body that no model could answer is a ValidationException', () => {
  const user = (...content: unknown[]) => ({ role: 'user', content })
  const assistant = (...content: unknown[]) => ({ role: 'assistant', content })
  const use = { toolUse: { toolUseId: 't1', name: 'f', input: {} } }
  const result = (toolUseId: string) => ({ toolResult: { toolUseId, content: [{ text: 'ok' }] } })
  const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] }
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"messages":', /must be a JSON object, got/],
    ['no object', '[]', /must be a JSON object, got/],
    ['no messages', { messages: [] }, /at least one message/],
    ['no content', { messages: [{ role: 'user', content: [] }] }, /messages\.0\.content/],
    ['assistant first', { messages: [assistant({ text: 'hi' })] }, /must start with a user message/],
    ['two users', { messages: [user({ text: 'a' }), user({ text: 'b' })] }, /alternate.*messages\.1/],
    ['unknown role', { messages: [{ role: 'system', content: [{ text: 'a' }] }] }, /user or assistant, got "system"/],
    ['blank text', { messages: [user({ text: '  ' })] }, /messages\.0\.content\.0 is blank/],
    ['two keys', { messages: [user({ text: 'a', image: {} })] }, /exactly one key/],
    ['tools not declared', { messages: [user({ text: 'a' }), assistant(use), user(result('t1'))] }, /toolConfig/],
    [
      'no result',
      { toolConfig, messages: [user({ text: 'a' }), assistant(use), user({ text: 'b' })] },
      /following Ids: t1/,
    ],
    ['stray result', { toolConfig, messages: [user(result('t9'))] }, /no toolUse asked for: t9/],
    [
      'schema of no object',
      {
        toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: {} } } }] },
        messages: [user({ text: 'a' })],
      },
      /inputSchema/,
    ],
    [
      'unknown forced tool',
      { toolConfig: { ...toolConfig, toolChoice: { tool: { name: 'g' } } }, messages: [user({ text: 'a' })] },
      /names g/,
    ],
    ['maxTokens', { inferenceConfig: { maxTokens: 0 }, messages: [user({ text: 'a' })] }, /maxTokens.*got 0/],
  ])('%s', async (_name, body, message) => {
    const { url } = await start(quiet())
    const response = await fetch(`${url}/model/m/converse-stream`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    expect(response.status).toBe(400)
    expect(response.headers.get('x-amzn-errortype')).toBe('ValidationException')
    expect(((await response.json()) as { message: string }).message).toMatch(message)
  })

  test('what is not emulated is named', async () => {
    const { url } = await start(quiet())
    const response = await fetch(`${url}/model/m/invoke`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(404)
    expect(await response.text()).toMatch(/POST \/model\/m\/invoke is not emulated/)
  })
})
