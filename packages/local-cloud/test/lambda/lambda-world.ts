import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Clock, ManualClock, systemClock } from '../../src/clock.ts'
import type { FunctionSettings } from '../../src/lambda/function.ts'
import { createLambda, type LambdaOptions } from '../../src/lambda/lambda.ts'

export const identity = { accountId: '000000000000', region: 'us-east-1' }

export async function codeFolder(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'function-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** Lambda on the real clock unless told otherwise; closed after the test. */
export function startLambda(options: Partial<LambdaOptions> & { clock?: Clock } = {}) {
  const lambda = createLambda({ clock: systemClock, identity, endpointUrl: () => 'http://127.0.0.1:4', ...options })
  onTestFinished(() => lambda.close())
  return lambda
}

type World = ReturnType<typeof startLambda>

/** A function `f` whose index.mjs is `code`. */
export async function addFunction(
  lambda: World,
  code: string | Record<string, string>,
  settings: Partial<FunctionSettings> = {},
) {
  const codePath = await codeFolder(typeof code === 'string' ? { 'index.mjs': code } : code)
  const whole = { functionName: 'f', handler: 'index.handler', timeoutSeconds: 3, memoryMb: 128, environment: {} }
  return lambda.createFunction({ ...whole, codePath, ...settings })
}

/** Resolves when the function wrote `line`. */
export function untilLine(lambda: World, line: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = lambda.onLog((_, written) => {
      if (written !== line) return
      stop()
      resolve()
    })
  })
}

/** A clock that a test moves, and that tells when a timer has been set for it to move over. */
export class WatchedClock extends ManualClock {
  #timers = new Set<{ ms: number }>()
  #changed = Promise.withResolvers<void>()

  override after(ms: number, callback: () => void): () => void {
    const timer = { ms }
    const forget = () => {
      this.#timers.delete(timer)
      this.#tell()
    }
    this.#timers.add(timer)
    this.#tell()
    const cancel = super.after(ms, () => {
      forget()
      callback()
    })
    return () => {
      forget()
      cancel()
    }
  }

  /** Resolves when somebody waits for `ms` milliseconds. */
  untilTimer(ms: number): Promise<void> {
    return this.#until(() => [...this.#timers].some((timer) => timer.ms === ms))
  }

  /** Resolves when nobody waits for `ms` milliseconds. */
  untilNoTimer(ms: number): Promise<void> {
    return this.#until(() => [...this.#timers].every((timer) => timer.ms !== ms))
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#changed.promise
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

type Handle = (req: IncomingMessage, res: ServerResponse, body: Buffer) => Promise<void>

/** Serves one service on a free port; gives what an SDK client needs to talk to it. */
export async function serve(handle: Handle) {
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    await handle(req, res, Buffer.concat(chunks))
  })
  await once(server.listen(0), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return { endpoint: `http://127.0.0.1:${port}`, region: identity.region, credentials, maxAttempts: 1 }
}
