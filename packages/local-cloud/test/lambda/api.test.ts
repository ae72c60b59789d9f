import {
  GetFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { serve } from '../open-service.ts'
import { addFunction, startLambda } from './lambda-world.ts'

describe('the Lambda API', () => {
  const ask = async (input: Omit<InvokeCommandInput, 'FunctionName'>, code: string, options = {}) => {
    const lambda = startLambda(options)
    const { functionArn } = await addFunction(lambda, code)
    const client = new LambdaClient(await serve(lambda.handle))
    return client.send(new InvokeCommand({ FunctionName: functionArn, ...input }))
  }
  const text = (payload: Uint8Array | undefined) => Buffer.from(payload ?? []).toString()

  test('invokes and answers', async () => {
    const answer = await ask(
      { Payload: '{"n":2}', LogType: 'Tail' },
      'export const handler = async ({ n }) => { console.log("hi"); return n * 2 }',
    )
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' })
    expect(answer.FunctionError).toBeUndefined()
    expect(text(answer.Payload)).toBe('4')
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toContain('\nhi\n')
  })

  test('marks the failure of a function', async () => {
    const answer = await ask({}, 'export const handler = async () => { throw new Error("no") }')
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' })
    expect(JSON.parse(text(answer.Payload))).toMatchObject({ errorType: 'Error', errorMessage: 'no' })
  })

  test('does not run the function on a dry run', async () => {
    const lines: string[] = []
    const answer = await ask({ InvocationType: 'DryRun' }, 'console.log("ran")', {
      log: (_: string, line: string) => lines.push(line),
    })
    expect([answer.StatusCode, lines]).toEqual([204, []])
  })

  test('tries a failed asynchronous invocation twice again', async () => {
    const clock = new ManualClock()
    const lambda = startLambda({ clock })
    await addFunction(
      lambda,
      'let n = 0; export const handler = async () => { console.log("run", ++n); throw new Error("no") }',
    )
    const client = new LambdaClient(await serve(lambda.handle))
    const failures: string[] = []
    const failed = (count: number) =>
      new Promise<void>((resolve) => {
        const stop = lambda.onLog((_, line) => {
          if (line.startsWith('asynchronous invocation failed')) failures.push(line)
          if (failures.length < count) return
          stop()
          resolve()
        })
      })
    const first = failed(1)
    expect((await client.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }))).StatusCode).toBe(202)
    await first
    for (const [count, seconds] of [
      [2, 60],
      [3, 120],
    ] as const) {
      const next = failed(count)
      await clock.advance(seconds * 1000)
      await next
    }
    expect(failures[2]).toMatch(/given up/)
  })

  test.each([
    ['by count', { maximumRetryAttempts: 1, maximumEventAgeMs: 3_600_000 }],
    ['by age', { maximumRetryAttempts: 2, maximumEventAgeMs: 90_000 }],
  ])('tries an asynchronous invocation no more than it is configured, %s', async (_, settings) => {
    const clock = new ManualClock()
    const lambda = startLambda({ clock })
    await addFunction(lambda, 'export const handler = async () => { throw new Error("no") }')
    lambda.configureAsyncInvoke('f', settings)
    const failures: string[] = []
    const given = new Promise<void>((resolve) => {
      lambda.onLog((_name, line) => {
        if (!line.startsWith('asynchronous invocation failed')) return
        failures.push(line)
        if (failures.length === 1) setImmediate(() => void clock.advance(60_000))
        if (line.includes('given up')) resolve()
      })
    })
    lambda.invokeAsync('f', {})
    await given
    expect(failures).toHaveLength(2)
  })

  test('names the functions there are when one is missing', async () => {
    const lambda = startLambda()
    await addFunction(lambda, '')
    const client = new LambdaClient(await serve(lambda.handle))
    const missing = client.send(new InvokeCommand({ FunctionName: 'g' }))
    await expect(missing).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringMatching(/:g\. There are: f$/),
    })
    const notJson = client.send(new InvokeCommand({ FunctionName: 'f', Payload: '{' }))
    await expect(notJson).rejects.toMatchObject({ name: 'InvalidRequestContentException' })
  })

  test('describes and lists functions', async () => {
    const lambda = startLambda()
    const { functionArn } = await addFunction(lambda, '', { environment: { A: '1' } })
    const client = new LambdaClient(await serve(lambda.handle))
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'f' }))
    expect(Configuration).toMatchObject({
      FunctionArn: functionArn,
      Timeout: 3,
      MemorySize: 128,
      Environment: { Variables: { A: '1' } },
    })
    const { Functions } = await client.send(new ListFunctionsCommand({}))
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['f'])
  })
})
