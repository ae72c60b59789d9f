import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ManualClock } from '@agent-jobs/local-cloud/clock'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { EventStreamCodec } from '@smithy/core/event-streams'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBedrockModel } from '../../sdk/bedrock/bedrock-model.ts'
import { watchSilence } from '../../sdk/bedrock/silence.ts'
import type { Clock } from '../../sdk/clock.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
)

function frame(type: string, payload: object): Uint8Array {
  const header = (value: string) => ({ type: 'string' as const, value })
  const headers = {
    ':event-type': header(type),
    ':message-type': header('event'),
    ':content-type': header('application/json'),
  }
  return codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) })
}
const word = frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi' } })
const end = frame('messageStop', { stopReason: 'end_turn' })

type Answer = (response: ServerResponse, request: IncomingMessage) => void
const speaks: Answer = (response) => {
  response.write(word)
  response.end(end)
}
const resets: Answer = (_response, request) => request.socket.resetAndDestroy()

/** A model behind a real socket that does what `answers` say, one call after the other. */
async function modelThat(clock: Clock, ...answers: Answer[]) {
  let calls = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/vnd.amazon.eventstream')
      answers[calls++]?.(response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  })
  const model = createBedrockModel({ modelId: 'amazon.nova-lite-v1:0', client, clock, stallSeconds: 60 })
  const heard: string[] = []
  const ask = (maxTokens?: number) =>
    model.converse(
      { messages: [{ role: 'user', content: [{ text: 'hello' }] }], signal: new AbortController().signal, maxTokens },
      { text: (delta) => heard.push(delta) },
    )
  return { ask, heard, calls: () => calls }
}

describe('a connection that breaks', () => {
  test('before the first event is made once more, at once: nothing was begun', async () => {
    const { ask, calls } = await modelThat(new ManualClock(), resets, speaks)
    expect(await ask()).toMatchObject({ stopReason: 'end_turn', content: [{ text: 'hi' }] })
    expect(calls()).toBe(2)
  })

  test('twice before the first event is told', async () => {
    const { ask, calls } = await modelThat(new ManualClock(), resets, resets, speaks)
    await expect(ask()).rejects.toMatchObject({ name: 'RetryLater', code: 'MODEL_DISCONNECTED' })
    expect(calls()).toBe(2)
  })

  test('while an answer comes is told at once: that answer is paid for', async () => {
    const breaksOff: Answer = (response, request) => {
      response.write(word)
      setImmediate(() => setImmediate(() => request.socket.resetAndDestroy()))
    }
    const { ask, heard, calls } = await modelThat(new ManualClock(), (response, request) => {
      response.write(word, () => setTimeout(() => breaksOff(response, request), 50))
    })
    await expect(ask()).rejects.toMatchObject({ name: 'RetryLater', sparesAttempt: false })
    expect([heard.length > 0, calls()]).toEqual([true, 1])
  })

  test('is kept, and used again', async () => {
    const sockets = new Set<unknown>()
    const counted: Answer = (response, request) => {
      sockets.add(request.socket)
      speaks(response, request)
    }
    const { ask } = await modelThat(new ManualClock(), counted, counted)
    await ask()
    await ask()
    expect(sockets.size).toBe(1)
  })
})

describe('a model that stalls', () => {
  test.each([
    [undefined, 103],
    [1_000, 60],
    [16_000, 400],
  ])('with maxTokens %s is given up after %i s: a long answer may come in one piece', async (maxTokens, seconds) => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<void>()
    const { ask } = await modelThat(clock, () => asked.resolve())
    const asking = ask(maxTokens)
    const failed = expect(asking).rejects.toMatchObject({ code: 'MODEL_STALLED', details: { seconds } })
    await asked.promise
    let over = false
    asking.catch(() => {
      over = true
    })
    await clock.advance(seconds * 1000 - 1)
    expect(over).toBe(false)
    await clock.advance(1)
    await failed
  })
})

describe('silence', () => {
  /** A clock whose timers fire when the test says, however late. */
  function frozenClock() {
    let now = 0
    let timer: { at: number; callback: () => void } | undefined
    const clock: Clock = {
      now: () => now,
      after(ms, callback) {
        const mine = { at: now + ms, callback }
        timer = mine
        return () => {
          if (timer === mine) timer = undefined
        }
      },
    }
    /** Fires the timer that is set, `lateMs` after it was due. */
    function fire(lateMs = 0) {
      const due = timer
      if (!due) return false
      timer = undefined
      now = due.at + lateMs
      due.callback()
      return true
    }
    return { clock, fire }
  }
  const stalled = () => new Error('stalled')

  test.each([1, 5, 10])('does not grow while the process is frozen %i times', (freezes) => {
    const { clock, fire } = frozenClock()
    const silence = watchSilence(clock, 60, stalled)
    for (let freeze = 0; freeze < freezes; freeze++) {
      fire(75_000)
      expect(silence.signal.aborted).toBe(false)
    }
    let steps = 0
    while (!silence.signal.aborted && fire()) steps++
    expect(steps).toBe(10)
    expect(fire()).toBe(false)
  })

  test('is over with each thing heard, and nothing is left behind', () => {
    const { clock, fire } = frozenClock()
    const silence = watchSilence(clock, 60, stalled)
    for (let step = 0; step < 9; step++) fire()
    silence.broken()
    for (let step = 0; step < 9; step++) fire()
    expect(silence.signal.aborted).toBe(false)
    silence.end()
    expect(fire()).toBe(false)
  })
})
