import {
  bedrockError,
  type ConverseBody,
  type ConverseStreamEvent,
  type ModelAnswerer,
} from '@agent-jobs/local-cloud/bedrock'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { describe, expect, test } from 'vitest'
import { fails, start } from '../../packages/local-cloud/test/bedrock/bedrock-world.ts'
import { createBedrockModel } from '../../sdk/bedrock/bedrock-model.ts'
import { sortModelError } from '../../sdk/bedrock/model-failure.ts'
import type { ConverseRequest } from '../../sdk/model.ts'

const request = (more: Partial<ConverseRequest> = {}): ConverseRequest => ({
  messages: [{ role: 'user', content: [{ text: 'hello' }] }],
  signal: new AbortController().signal,
  ...more,
})

async function modelWith(answer: ModelAnswerer) {
  const { client } = await start(answer, 'HTTP/1.1')
  return createBedrockModel({ modelId: 'amazon.nova-lite-v1:0', client })
}

const toolStart = (contentBlockIndex: number, toolUseId: string) =>
  ({ contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId, name: 'find' } } } }) as const
const toolInput = (contentBlockIndex: number, input: string) =>
  ({ contentBlockDelta: { contentBlockIndex, delta: { toolUse: { input } } } }) as const
const text = (contentBlockIndex: number, words: string) =>
  ({ contentBlockDelta: { contentBlockIndex, delta: { text: words } } }) as const

function plays(...events: ConverseStreamEvent[]): ModelAnswerer {
  return async function* () {
    yield* events
  }
}

test('puts text and tool calls together again, and passes text on as it comes', async () => {
  const model = await modelWith(
    plays(
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'hmm' } } } },
      text(1, 'I '),
      text(1, 'look.'),
      toolStart(2, 't1'),
      toolInput(2, '{"of":'),
      toolInput(2, '"anna"}'),
      toolStart(3, 't2'),
      toolStart(4, 't3'),
      toolInput(4, '{"of":'),
      text(5, '  \n'),
      { messageStop: { stopReason: 'tool_use' } },
      { metadata: { usage: { inputTokens: 5, outputTokens: 6, totalTokens: 11 }, metrics: { latencyMs: 42 } } },
    ),
  )
  const heard: string[] = []
  const reply = await model.converse(request(), { text: (delta) => heard.push(delta) })
  expect(heard).toEqual(['I ', 'look.', '  \n'])
  expect(reply).toEqual({
    content: [
      { text: 'I look.' },
      { toolUse: { toolUseId: 't1', name: 'find', input: { of: 'anna' } } },
      { toolUse: { toolUseId: 't2', name: 'find', input: {} } },
      { toolUse: { toolUseId: 't3', name: 'find', input: { malformedJson: '{"of":' } } },
    ],
    stopReason: 'tool_use',
    usage: { inputTokens: 5, outputTokens: 6 },
    latencyMs: 42,
    modelId: 'amazon.nova-lite-v1:0',
  })
})

test('asks in the words of the Converse API', async () => {
  const bodies: ConverseBody[] = []
  const model = await modelWith(async function* (body) {
    bodies.push(body)
    yield { messageStop: { stopReason: 'end_turn' } }
  })
  const tools = [{ name: 'find', description: 'Finds', inputSchema: { type: 'object' } }]
  await model.converse(request({ system: 'Be brief.', maxTokens: 9, temperature: 0 }), { text: () => {} })
  await model.converse(request({ tools, toolChoice: { tool: 'find' } }), { text: () => {} })
  await model.converse(request({ tools, toolChoice: 'any' }), { text: () => {} })
  expect(bodies[0]).toEqual({
    system: [{ text: 'Be brief.' }],
    messages: [{ role: 'user', content: [{ text: 'hello' }] }],
    inferenceConfig: { maxTokens: 9, temperature: 0 },
  })
  expect(bodies[1]?.toolConfig).toEqual({
    tools: [{ toolSpec: { name: 'find', description: 'Finds', inputSchema: { json: { type: 'object' } } } }],
    toolChoice: { tool: { name: 'find' } },
  })
  expect(bodies[2]?.toolConfig?.toolChoice).toEqual({ any: {} })
})

describe('faults', () => {
  test.each([
    ['ThrottlingException', 'RetryLater', 'MODEL_THROTTLED'],
    ['ModelNotReadyException', 'RetryLater', 'MODEL_NOT_READY'],
    ['ServiceUnavailableException', 'RetryLater', 'MODEL_UNAVAILABLE'],
    ['InternalServerException', 'RetryLater', 'MODEL_UNAVAILABLE'],
    ['ModelTimeoutException', 'RetryLater', 'MODEL_TIMEOUT'],
    ['ModelErrorException', 'RetryLater', 'MODEL_FAILED'],
    ['ModelStreamErrorException', 'RetryLater', 'MODEL_STREAM_BROKEN'],
    ['AccessDeniedException', 'RetryLater', 'MODEL_ACCESS_DENIED'],
    ['ResourceNotFoundException', 'PermanentFailure', 'MODEL_NOT_FOUND'],
    ['ValidationException', 'PermanentFailure', 'MODEL_REFUSED_REQUEST'],
    ['ServiceQuotaExceededException', 'PermanentFailure', 'MODEL_QUOTA_EXCEEDED'],
  ] as const)('%s is a %s %s, before the first event', async (name, kind, code) => {
    const model = await modelWith(fails(bedrockError(name, 'says Bedrock')))
    await expect(model.converse(request(), { text: () => {} })).rejects.toMatchObject({
      name: kind,
      code,
      message: 'amazon.nova-lite-v1:0: says Bedrock',
      remediation: expect.stringMatching(/\w/),
      details: { modelId: 'amazon.nova-lite-v1:0', error: name },
    })
  })

  test('in mid-stream they are sorted alike, and the text before them was heard', async () => {
    const model = await modelWith(fails(bedrockError('ThrottlingException', 'slow down'), 'so far'))
    const heard: string[] = []
    const asking = model.converse(request(), { text: (delta) => heard.push(delta) })
    await expect(asking).rejects.toMatchObject({ name: 'RetryLater', code: 'MODEL_THROTTLED' })
    expect(heard).toEqual(['so far'])
  })

  test('the wait that the other side asks for is kept', async () => {
    const model = await modelWith(fails(bedrockError('ThrottlingException', 'slow down', { retryAfterSeconds: 7 })))
    await expect(model.converse(request(), { text: () => {} })).rejects.toMatchObject({ retryAfterMs: 7000 })
  })

  test.each([
    ['The provided model identifier is invalid.', /list-foundation-models/],
    ["Invocation of model ID x with on-demand throughput isn't supported.", /inference profile/],
  ])('a model id that is refused with "%s" names the way out', (message, remediation) => {
    const error = Object.assign(new Error(message), { name: 'ValidationException' })
    expect(sortModelError(error, 'x')).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      remediation: expect.stringMatching(remediation),
    })
  })

  test('an answer that stops without a stop reason is tried again', async () => {
    const model = await modelWith(plays({ messageStart: { role: 'assistant' } }, text(0, 'I l')))
    await expect(model.converse(request(), { text: () => {} })).rejects.toMatchObject({
      name: 'RetryLater',
      code: 'MODEL_STREAM_BROKEN',
    })
  })

  test('nobody at the other end is tried again', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    expect(sortModelError(refused, 'x')).toMatchObject({
      name: 'RetryLater',
      code: 'MODEL_UNREACHABLE',
      cause: refused,
    })
  })

  test('a bug stays what it is', async () => {
    const bug = new TypeError('x is not a function')
    expect(sortModelError(bug, 'x')).toBe(bug)
    const model = await modelWith(plays(text(0, 'a'), { messageStop: { stopReason: 'end_turn' } }))
    const asking = model.converse(request(), {
      text: () => {
        throw bug
      },
    })
    await expect(asking).rejects.toBe(bug)
  })
})

test('an aborted call rejects with the reason, and the model is stopped', async () => {
  const stopped = Promise.withResolvers<void>()
  const model = await modelWith(async function* (_body, _id, signal) {
    signal.addEventListener('abort', () => stopped.resolve())
    yield text(0, 'once upon')
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const cancel = new AbortController()
  const reason = new Error('the job was cancelled')
  const asking = model.converse(request({ signal: cancel.signal }), { text: () => cancel.abort(reason) })
  await expect(asking).rejects.toBe(reason)
  await stopped.promise
})

describe('a model that falls silent', () => {
  async function silentModel(answer: ModelAnswerer) {
    const { client } = await start(answer, 'HTTP/1.1')
    const clock = new ManualClock()
    return { clock, model: createBedrockModel({ modelId: 'nova', client, clock }) }
  }
  const stalled = { name: 'RetryLater', code: 'MODEL_STALLED', message: 'nova: nothing came for 30 s' }

  test.each([
    ['before its first word', []],
    ['in mid-stream', [text(0, 'I l')]],
  ])('%s is given up, and its stream is closed', async (_when, said) => {
    const waiting = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    const { clock, model } = await silentModel(async function* (_body, _id, signal) {
      yield* said
      signal.addEventListener('abort', () => closed.resolve())
      waiting.resolve()
      await closed.promise
    })
    const heard = Promise.withResolvers<void>()
    if (said.length === 0) heard.resolve()
    const asking = model.converse(request({ stallSeconds: 30 }), { text: () => heard.resolve() })
    const failed = expect(asking).rejects.toMatchObject({ ...stalled, sparesAttempt: false })
    await Promise.all([waiting.promise, heard.promise])
    await clock.advance(30_000)
    await failed
    await closed.promise
  })

  test('is waited for as long as it says something now and then, and leaves no timer', async () => {
    const words = 3
    const turns = Array.from({ length: words }, () => Promise.withResolvers<void>())
    const { clock, model } = await silentModel(async function* () {
      for (const [index, turn] of turns.entries()) {
        yield text(0, `${index}`)
        await turn.promise
      }
      yield { messageStop: { stopReason: 'end_turn' } }
    })
    let heard = 0
    const reply = await model.converse(request({ stallSeconds: 30 }), {
      text: () => void clock.advance(29_000).then(() => turns[heard++]?.resolve()),
    })
    expect(reply.content).toEqual([{ text: '012' }])
    await clock.advance(600_000)
  })

  test('is waited for without end when nobody said how long', async () => {
    const { clock, model } = await silentModel(plays(text(0, 'a'), { messageStop: { stopReason: 'end_turn' } }))
    const asking = model.converse(request(), { text: () => {} })
    await clock.advance(3_600_000)
    expect(await asking).toMatchObject({ stopReason: 'end_turn' })
  })
})
