import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { FunctionSettings } from '../../src/lambda/function.ts'
import { createLambda, type LambdaOptions } from '../../src/lambda/lambda.ts'
import { CREDENTIALS, IDENTITY, temporaryFolder } from '../open-service.ts'

export async function codeFolder(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** Lambda on the real clock unless told otherwise; closed after the test. */
export function startLambda(options: Partial<LambdaOptions> & { clock?: Clock } = {}) {
  const lambda = createLambda({
    clock: systemClock,
    identity: IDENTITY,
    credentials: CREDENTIALS,
    endpointUrl: () => 'http://127.0.0.1:4',
    ...options,
  })
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
