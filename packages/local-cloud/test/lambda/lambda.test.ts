import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import type { FunctionSettings } from '../../src/lambda/function.ts'
import { addFunction, codeFolder, startLambda, untilLine } from './lambda-world.ts'

describe('a function', () => {
  test('answers with what its handler returns, as JSON would carry it', async () => {
    const lambda = startLambda()
    await addFunction(
      lambda,
      'export const handler = async (event) => ({ ...event, at: new Date(0), none: undefined })',
    )
    const { payload, statusCode, functionError } = await lambda.invoke('f', { a: 1 })
    expect({ payload, statusCode, functionError }).toEqual({
      payload: { a: 1, at: '1970-01-01T00:00:00.000Z' },
      statusCode: 200,
      functionError: undefined,
    })
  })

  test('has its own environment variables, and those that Lambda sets', async () => {
    const lambda = startLambda()
    const code = 'process.env.MARK = "x"; export const handler = async () => process.env'
    await addFunction(lambda, code, { environment: { TABLE: 'Orders' } })
    const { payload } = await lambda.invoke('f', {})
    expect(payload).toMatchObject({
      TABLE: 'Orders',
      MARK: 'x',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      _HANDLER: 'index.handler',
      AWS_ACCESS_KEY_ID: expect.any(String),
      LAMBDA_TASK_ROOT: expect.stringContaining('local-cloud-'),
    })
    expect(process.env.MARK).toBeUndefined()
  })

  test('runs many invocations at once in one environment', async () => {
    const lambda = startLambda()
    await addFunction(
      lambda,
      `let waiting = []
       export const handler = async () => {
         const all = new Promise((resolve) => waiting.push(resolve))
         if (waiting.length === 3) for (const resolve of waiting) resolve('together')
         return all
       }`,
    )
    const results = await Promise.all([1, 2, 3].map(() => lambda.invoke('f', {})))
    expect(results.map(({ payload }) => payload)).toEqual(['together', 'together', 'together'])
  })

  test('gets an environment for each concurrent invocation on request, and they are used again', async () => {
    const lambda = startLambda({ environmentPerInvocation: true })
    await addFunction(
      lambda,
      `import { setTimeout } from 'node:timers/promises'
       import { threadId } from 'node:worker_threads'
       let running = 0
       export const handler = async () => {
         running++
         await setTimeout(20)
         return { threadId, running: running-- }
       }`,
    )
    const run = () => Promise.all([1, 2].map(async () => (await lambda.invoke('f', {})).payload))
    const first = (await run()) as { threadId: number; running: number }[]
    const second = (await run()) as { threadId: number; running: number }[]
    expect([...first, ...second].map(({ running }) => running)).toEqual([1, 1, 1, 1])
    const threads = (results: { threadId: number }[]) => results.map(({ threadId }) => threadId).sort()
    expect(new Set(threads(first)).size).toBe(2)
    expect(threads(second)).toEqual(threads(first))
  })

  test('is told who it is and how long it has, on the local clock', async () => {
    const clock = new ManualClock(Date.parse('2030-01-01T00:00:00.000Z'))
    const lambda = startLambda({ clock })
    const { functionArn } = await addFunction(
      lambda,
      `let go
       const gone = new Promise((resolve) => { go = resolve })
       export const handler = async (event, context) => {
         if (event.go) return go()
         const before = context.getRemainingTimeInMillis()
         console.log('waiting')
         await gone
         return { ...context, before, after: context.getRemainingTimeInMillis(), now: new Date().toISOString() }
       }`,
      { timeoutSeconds: 10 },
    )
    const waiting = untilLine(lambda, 'waiting')
    const answer = lambda.invoke('f', {})
    await waiting
    await clock.advance(4_000)
    await lambda.invoke('f', { go: true })
    expect((await answer).payload).toMatchObject({
      functionName: 'f',
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/f',
      awsRequestId: (await answer).requestId,
      before: 10_000,
      after: 6_000,
      now: '2030-01-01T00:00:04.000Z',
    })
  })

  test('may be CommonJS, whatever package.json lies above it', async () => {
    const lambda = startLambda()
    await addFunction(lambda, { 'index.js': 'const { sep } = require("node:path"); exports.handler = async () => sep' })
    expect((await lambda.invoke('f', {})).payload).toBe('/')
  })

  test('has its lines of output logged, each to the invocation that wrote it', async () => {
    const lines: string[] = []
    const lambda = startLambda({ log: (name, line) => lines.push(`${name}: ${line}`) })
    await addFunction(
      lambda,
      `import { Console } from 'node:console'
       const logger = new Console({ stdout: process.stdout, stderr: process.stderr })
       export const handler = async ({ n }) => { console.log('out %s', n); await null; logger.error('err ' + n) }`,
    )
    const results = await Promise.all([1, 2].map((n) => lambda.invoke('f', { n })))
    expect(results.map(({ logs }) => logs)).toEqual([
      ['out 1', 'err 1'],
      ['out 2', 'err 2'],
    ])
    expect(lines.sort()).toEqual(['f: err 1', 'f: err 2', 'f: out 1', 'f: out 2'])
  })
})

describe('a failing function', () => {
  async function errorOf(code: string | Record<string, string>, settings: Partial<FunctionSettings> = {}) {
    const lambda = startLambda()
    await addFunction(lambda, code, settings)
    const { functionError, payload } = await lambda.invoke('f', {})
    expect(functionError).toBe('Unhandled')
    return payload as { errorType: string; errorMessage: string; trace?: string[] }
  }

  test('reports what its handler threw', async () => {
    const error = await errorOf('export const handler = async () => { throw new TypeError("no") }')
    expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' })
    expect(error.trace?.[0]).toBe('TypeError: no')
    expect(await errorOf('export const handler = async () => { throw "text" }')).toMatchObject({
      errorType: 'string',
      errorMessage: 'text',
    })
  })

  test.each([
    ['a missing file', { 'other.mjs': '' }, 'Runtime.ImportModuleError', /Cannot find module 'index'/],
    ['a missing import', 'import "no-such-package"', 'Runtime.ImportModuleError', /no-such-package/],
    ['a missing export', 'export const other = 1', 'Runtime.HandlerNotFound', /index.handler is undefined/],
    ['a syntax error', 'export const = 1', 'Runtime.UserCodeSyntaxError', /SyntaxError/],
    ['a throw at import', 'throw new RangeError("TABLE is not set")', 'RangeError', /TABLE is not set/],
    ['a result that is not JSON', 'export const handler = async () => 1n', 'Runtime.MarshalError', /stringify/],
    ['a callback', 'export const handler = (e, c, done) => done()', 'Runtime.CallbackHandlerDeprecated', /promise/],
    ['an exit', 'export const handler = async () => process.exit(3)', 'Runtime.ExitError', /exit status 3/],
    [
      'an unhandled rejection',
      'export const handler = () => { Promise.reject(new Error("lost")); return new Promise(() => {}) }',
      'Runtime.UnhandledPromiseRejection',
      /Error: lost/,
    ],
  ])('reports %s', async (_, code, errorType, message) => {
    const error = await errorOf(code)
    expect(error).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) })
  })

  test('tries its cold start again at the next invocation', async () => {
    const lambda = startLambda()
    const codePath = await codeFolder({ 'index.mjs': 'throw new Error("first")' })
    await addFunction(lambda, '', { codePath })
    expect((await lambda.invoke('f', {})).functionError).toBe('Unhandled')
    await writeFile(join(codePath, 'index.mjs'), 'export const handler = async () => "second"')
    expect((await lambda.invoke('f', {})).payload).toBe('second')
  })

  test('times out on the clock, without harm to its neighbours, and its environment is not used again', async () => {
    const clock = new ManualClock()
    const lambda = startLambda({ clock })
    await addFunction(
      lambda,
      `import { threadId } from 'node:worker_threads'
       let release
       const released = new Promise((resolve) => { release = resolve })
       export const handler = async ({ act }) => {
         console.log(act)
         if (act === 'hang') await new Promise(() => {})
         if (act === 'wait') await released
         if (act === 'release') release()
         return threadId
       }`,
      { timeoutSeconds: 2 },
    )
    const hanging = untilLine(lambda, 'hang')
    const slow = lambda.invoke('f', { act: 'hang' })
    await hanging
    await clock.advance(1_000)
    const waiting = untilLine(lambda, 'wait')
    const neighbour = lambda.invoke('f', { act: 'wait' })
    await waiting
    await clock.advance(999)
    const released = lambda.invoke('f', { act: 'release' })
    await released
    await clock.advance(1)
    const { functionError, payload } = await slow
    expect(functionError).toBe('Unhandled')
    expect(payload).toMatchObject({ errorMessage: expect.stringMatching(/Task timed out after 2\.00 seconds$/) })
    expect((await neighbour).functionError).toBeUndefined()
    expect((await lambda.invoke('f', { act: 'who' })).payload).not.toBe((await neighbour).payload)
  })

  test('that is killed fails what runs in it, and the next invocation gets a fresh environment', async () => {
    const lambda = startLambda()
    await addFunction(
      lambda,
      `let invocations = 0
       export const handler = async ({ hang }) => {
         invocations++
         if (hang) { console.log('hanging'); await new Promise(() => {}) }
         return invocations
       }`,
    )
    const hanging = untilLine(lambda, 'hanging')
    const doomed = lambda.invoke('f', { hang: true })
    await hanging
    await lambda.kill('f')
    expect(await doomed).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') },
    })
    expect((await lambda.invoke('f', {})).payload).toBe(1)
  })
})

describe('a shutdown', () => {
  const listening = (end: string) => `
    let goOn
    const held = new Promise((resolve) => { goOn = resolve })
    process.on('SIGTERM', async () => { ${end} })
    export const handler = async () => {
      console.log('begun')
      return await held
    }`

  async function running(code: string) {
    const lambda = startLambda()
    await addFunction(lambda, code, { timeoutSeconds: 900 })
    const begun = untilLine(lambda, 'begun')
    const answer = lambda.invoke('f', {})
    await begun
    return { lambda, answer }
  }

  test('sends SIGTERM, and lets what runs come to its end', async () => {
    const { lambda, answer } = await running(listening(`goOn('in time'); setImmediate(() => process.exit(0))`))
    await lambda.shutdown()
    expect(await answer).toMatchObject({ payload: 'in time' })
    expect((await answer).functionError).toBeUndefined()
  })

  test('kills what does not listen at once, and what does not end after its time', async () => {
    const deaf = await running(`export const handler = async () => {
      console.log('begun')
      return await new Promise(() => setInterval(() => {}, 1_000))
    }`)
    await deaf.lambda.shutdown()
    expect(await deaf.answer).toMatchObject({ functionError: 'Unhandled' })
    const stubborn = await running(listening('setInterval(() => {}, 1_000)'))
    await stubborn.lambda.shutdown()
    expect(await stubborn.answer).toMatchObject({ functionError: 'Unhandled' })
  })
})
