import { AwsError } from '../aws-error.ts'
import type { Clock } from '../clock.ts'
import type { Handle, Identity } from '../service.ts'
import type { Credentials } from '../signature-v4.ts'
import { type AsyncInvokeSettings, type FunctionSettings, LambdaFunction } from './function.ts'
import { invokeAsynchronously } from './invoke-asynchronously.ts'
import type { OnInvocationLost } from './loss.ts'
import type { LambdaState } from './operation.ts'
import { serve } from './protocol.ts'

export interface LambdaOptions {
  clock: Clock
  identity: Identity
  /** What the functions sign with, in place of their roles'. */
  credentials: Credentials
  /** Where the functions find the local AWS services; asked at each cold start. */
  endpointUrl: () => string
  /** One environment for each concurrent invocation, as on Lambda, instead of one that runs them all at once. */
  environmentPerInvocation?: boolean
  /** Seconds after which a thread whose event loop does not turn is ended; twice that for an invocation alone in it. */
  unresponsiveSeconds?: number
  /** Told of each invocation whose environment ended under it, before whoever invoked hears of it. */
  onInvocationLost?: OnInvocationLost
  log?: (functionName: string, line: string) => void
}

/** What an invocation gave, as the Invoke API reports it. */
export interface InvokeResult {
  statusCode: number
  functionError?: 'Unhandled'
  payload: unknown
  requestId: string
  /** What the invocation wrote to stdout and stderr, a line each. */
  logs: string[]
  /** Its environment ended under it, perhaps by another's fault. */
  isLost?: true
}

export interface Lambda {
  handle: Handle
  createFunction(settings: FunctionSettings): { functionArn: string }
  /** Invokes and waits for the answer. Rejects only when there is no such function. */
  invoke(functionNameOrArn: string, event: unknown): Promise<InvokeResult>
  configureAsyncInvoke(functionNameOrArn: string, settings: AsyncInvokeSettings): void
  /** Invokes without waiting; a failed one is tried twice again, as Lambda does, unless that was configured. */
  invokeAsync(functionNameOrArn: string, event: unknown): { requestId: string }
  functionNames(): string[]
  /** Ends the function's environments at once: what runs in them fails. */
  kill(functionName: string): Promise<void>
  /** Does the cold start of all functions, or of the one named, ahead of their first invocation. */
  warm(functionName?: string): Promise<void>
  onLog(listener: (functionName: string, line: string) => void): () => void
  /** Ends the environments of all functions, or of the one named, as Lambda does: with SIGTERM, and two seconds to end what runs. */
  shutdown(functionName?: string): Promise<void>
  close(): Promise<void>
}

/** Lambda with the functions of the template. */
export function createLambda(options: LambdaOptions): Lambda {
  const functions = new Map<string, LambdaFunction>()
  const listeners = new Set(options.log ? [options.log] : [])
  const closing = new AbortController()
  const log = (functionName: string, line: string) => {
    for (const listener of listeners) listener(functionName, line)
  }
  const { clock, credentials, identity, endpointUrl, onInvocationLost } = options
  const { environmentPerInvocation = false, unresponsiveSeconds = 5 } = options
  const find = (functionNameOrArn: string) => {
    const named = functions.get(functionNameOrArn) ?? functions.get(nameOf(functionNameOrArn))
    if (!named) throw functionNotFound(functionNameOrArn, identity, [...functions.keys()])
    return named
  }
  const state: LambdaState = { clock, functions, find, log, closing: closing.signal }

  return {
    handle: serve(state),
    createFunction(settings) {
      const terms = { environmentPerInvocation, unresponsiveSeconds, onInvocationLost }
      const created = new LambdaFunction(settings, { clock, identity, credentials, endpointUrl, log, ...terms })
      functions.set(settings.functionName, created)
      return { functionArn: created.arn }
    },
    async invoke(functionNameOrArn, event) {
      const { requestId, payload, failed, lines, lost } = await find(functionNameOrArn).invoke(
        JSON.stringify(event ?? {}),
      )
      const result = {
        statusCode: 200,
        payload: JSON.parse(payload),
        requestId,
        logs: lines,
        ...(lost && { isLost: true as const }),
      }
      return failed ? { ...result, functionError: 'Unhandled' } : result
    },
    invokeAsync: (functionNameOrArn, event) =>
      invokeAsynchronously(state, find(functionNameOrArn), JSON.stringify(event ?? {})),
    configureAsyncInvoke(functionNameOrArn, settings) {
      find(functionNameOrArn).asyncInvoke = settings
    },
    functionNames: () => [...functions.keys()],
    kill: (functionName) => find(functionName).kill(),
    async warm(functionName) {
      const cold = functionName === undefined ? [...functions.values()] : [find(functionName)]
      await Promise.all(cold.map((each) => each.warm()))
    },
    onLog(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async shutdown(functionName) {
      const ending = functionName === undefined ? [...functions.values()] : [find(functionName)]
      if (functionName === undefined) closing.abort()
      await Promise.all(ending.map((each) => each.shutdown()))
    },
    async close() {
      closing.abort()
      await Promise.all([...functions.values()].map((each) => each.kill()))
    },
  }
}

// arn:aws:lambda:us-east-1:000000000000:function:name:version, 000000000000:function:name or name:version
function nameOf(functionNameOrArn: string): string {
  const parts = functionNameOrArn.split(':')
  const marker = parts.indexOf('function')
  return parts[marker + 1] ?? functionNameOrArn
}

function functionNotFound(name: string, { accountId, region }: Identity, known: string[]): AwsError {
  const arn = name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${accountId}:function:${name}`
  const message = `Function not found: ${arn}. There are: ${known.join(', ') || 'none'}`
  return new AwsError('ResourceNotFoundException', 404, message)
}
