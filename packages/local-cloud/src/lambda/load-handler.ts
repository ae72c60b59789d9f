import { existsSync, readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type Handler = (event: unknown, context: unknown) => unknown

/** Imports `index.handler` from a function's code as Lambda's Node.js runtime does, with that runtime's errors. */
export async function loadHandler(codePath: string, handler: string): Promise<Handler> {
  const match = /^(.*?)([^/.]+)\.(.+)$/.exec(handler)
  if (!match) throw runtimeError('Runtime.MalformedHandlerName', `Bad handler '${handler}', expected 'file.export'`)
  const [, folder = '', file = '', exportPath = ''] = match
  const module = await importModule(join(codePath, folder, file), file)
  const found = exportPath.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], module)
  if (found === undefined) throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`)
  if (typeof found !== 'function') throw runtimeError('Runtime.HandlerNotFound', `${handler} is not a function`)
  // The nodejs24.x runtime dropped callbacks: such a handler would never answer.
  if (found.length > 2) {
    throw runtimeError('Runtime.CallbackHandlerDeprecated', `${handler} takes a callback; return a promise instead`)
  }
  return found as Handler
}

async function importModule(path: string, name: string): Promise<unknown> {
  const file = [`${path}.mjs`, `${path}.js`, `${path}.cjs`].find(existsSync)
  if (!file) {
    const message = `Error: Cannot find module '${name}'\nRequire stack:\n- ${dirname(path)}`
    throw runtimeError('Runtime.ImportModuleError', message)
  }
  try {
    return file.endsWith('.js') && !isModulePackage(dirname(file)) ? requireFresh(file) : await import(fileUrl(file))
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error), error)
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw runtimeError('Runtime.ImportModuleError', String(error), error)
  }
}

const fileUrl = (file: string) => pathToFileURL(file).href

// On Lambda the code lies alone in /var/task. Here a package.json further up, our own with "type": "module",
// must not decide what an index.js is.
function isModulePackage(folder: string): boolean {
  const path = join(folder, 'package.json')
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).type === 'module'
}

function requireFresh(file: string): unknown {
  const module = new Module(file) as Module & { _compile(code: string, file: string, format: string): void }
  module.filename = file
  module.paths = createRequire(file).resolve.paths('x') ?? []
  module._compile(readFileSync(file, 'utf8'), file, 'commonjs')
  return module.exports
}

function runtimeError(name: string, message: string, cause?: unknown): Error {
  const error = new Error(message, { cause })
  error.name = name
  return error
}
