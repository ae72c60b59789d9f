// Entry of an environment's thread: loads the handler once, then runs invocations, many at once.
import { AsyncLocalStorage } from 'node:async_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { type Handler, loadHandler } from './load-handler.ts'
import { memoryInUse } from './memory-in-use.ts'
import type { EnvironmentSettings, Invocation, Order, Report } from './messages.ts'
import { describeError, type RuntimeError } from './runtime-errors.ts'
import { settled } from './settled.ts'
import { followClock } from './virtual-time.ts'

if (!parentPort) throw new Error('worker.ts runs in a worker thread that environment.ts starts')
const port = parentPort
const settings = workerData as EnvironmentSettings
const currentInvocation = new AsyncLocalStorage<Invocation>()
const report = (message: Report) => port.postMessage(message)

function reportLines(stream: NodeJS.WriteStream): void {
  let rest = ''
  // Logger libraries make their own Console over process.stdout, so the stream is where all output passes. Its own
  // way to the main thread could deliver a line after the result of the invocation that wrote it.
  stream.write = (chunk: Uint8Array | string, ...others: unknown[]) => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) report({ type: 'line', requestId: currentInvocation.getStore()?.requestId, line })
    const written = others.find((other) => typeof other === 'function')
    if (written) queueMicrotask(() => written())
    return true
  }
}

function die(error: RuntimeError): void {
  report({ type: 'fatal', error })
  process.exit(1)
}

function contextOf({ requestId, deadline }: Invocation) {
  return {
    awsRequestId: requestId,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: settings.logStream,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
}

async function run(handler: Handler, invocation: Invocation): Promise<void> {
  const { requestId } = invocation
  try {
    const result = await handler(JSON.parse(invocation.event), contextOf(invocation))
    report({ type: 'result', requestId, payload: asJson(result) })
  } catch (thrown) {
    report({ type: 'error', requestId, error: describeError(thrown) })
  }
}

function asJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null'
  } catch (cause) {
    const error = new Error('Unable to stringify response body', { cause })
    error.name = 'Runtime.MarshalError'
    throw error
  }
}

// A thread cannot be sent a signal: it would be the end of the whole local cloud.
const { kill } = process
process.kill = (pid, signal) =>
  signal !== 0 && (pid === process.pid || pid <= 0) ? process.exit(1) : kill(pid, signal)
process.on('uncaughtException', (error) => die(describeError(error)))
process.on('unhandledRejection', (reason) => {
  const { trace } = describeError(reason)
  die({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: String(reason), trace })
})
reportLines(process.stdout)
reportLines(process.stderr)
const time = settings.clock && followClock(settings.clock, () => currentInvocation.getStore())
if (time) {
  port.on('message', async ({ type }: Order) => {
    if (type === 'runDue') time.runDue()
    if (type !== 'settle') return
    await settled()
    report({ type: 'settled', nextTimer: time.next() })
  })
  // Code that waits for nothing while it is loaded ends its thread, as it does on Lambda.
  port.unref()
}
try {
  const handler = await loadHandler(settings.codePath, settings.handler)
  port.on('message', (order: Order) => {
    if (order.type === 'invoke') currentInvocation.run(order, run, handler, order)
    // A thread gets no signals; whoever listens to this one ends the process, as on Lambda.
    if (order.type === 'shutdown' && !process.emit('SIGTERM', 'SIGTERM')) process.exit(0)
    if (order.type === 'ping') report({ type: 'pong', usedMb: memoryInUse(order.memoryMb) })
  })
  port.ref()
  report({ type: 'ready' })
} catch (thrown) {
  die(describeError(thrown))
}
