import { transformSync } from 'esbuild'
import { runtime, util } from '../runtime/appsync-util.ts'
import { dynamodbModule } from '../runtime/dynamodb-module.ts'
import { extensions } from '../runtime/extensions.ts'
import { callHandler, createInvocation, current, type Invocation } from '../runtime/invocation.ts'

type Handler = (context: unknown) => unknown

/** The two handlers of a resolver or function; a pipeline resolver may leave one out. */
export interface Handlers {
  request?: Handler
  response?: Handler
}

// What APPSYNC_JS code finds besides its own names. Everything else that Node.js has is shadowed.
const ALLOWED = new Set(
  `Object Array String Number Boolean Math Date NaN Infinity undefined isNaN isFinite parseInt parseFloat
   encodeURI encodeURIComponent decodeURI decodeURIComponent Error TypeError RangeError SyntaxError`.split(/\s+/),
)

const SHADOWED = [
  ...Object.getOwnPropertyNames(globalThis).filter((name) => !ALLOWED.has(name) && /^[A-Za-z_$][\w$]*$/.test(name)),
  'process',
  'Buffer',
  '__dirname',
  '__filename',
].filter((name, index, all) => all.indexOf(name) === index && name !== 'JSON' && name !== 'console')

// esbuild's own output loads modules through these; the code itself must not see them.
const HIDDEN = { require: 'undefined', module: 'undefined', exports: 'undefined' }

/** JSON as APPSYNC_JS has it: text that is no JSON reads as the empty string. */
const appSyncJson = Object.freeze({
  stringify: JSON.stringify,
  parse(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      return ''
    }
  },
})

function print(level: string) {
  return (...values: unknown[]) => {
    const { typeName, fieldName, log } = current()
    const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ')
    log(`${typeName}.${fieldName} ${level}: ${text}`)
  }
}

const appSyncConsole = Object.freeze({ log: print('INFO'), error: print('ERROR') })

const MODULES: Record<string, unknown> = {
  '@aws-appsync/utils': { util, extensions, runtime, default: { util, extensions, runtime } },
  '@aws-appsync/utils/dynamodb': { ...dynamodbModule, default: dynamodbModule },
}

function importer(name: string) {
  return (specifier: string) => {
    const found = MODULES[specifier]
    if (found) return found
    throw new Error(
      `${name} imports '${specifier}'; APPSYNC_JS code may import ${Object.keys(MODULES).join(' and ')} only. Bundle anything else into the code.`,
    )
  }
}

/**
 * Turns resolver code (an ES module, JavaScript or TypeScript) into its handlers, once. They run as plain functions of
 * this process, fast but not sandboxed: the code is the project's own, and what APPSYNC_JS lacks is hidden, not guarded.
 */
export function compileHandlers(code: string, name: string): Handlers {
  const { code: body } = transformSync(code, {
    format: 'cjs',
    loader: 'ts',
    target: 'es2024',
    sourcefile: name,
    define: HIDDEN,
  })
  const module: { exports: Handlers } = { exports: {} }
  // The outer function is sloppy so that even `eval` can be a parameter name; the code itself is strict, as on AWS.
  const load = new Function(
    ...SHADOWED,
    `return function (module, exports, require, util, extensions, runtime, JSON, console) { 'use strict';\n${body}\n}\n//# sourceURL=appsync/${name}`,
  )()
  load(module, module.exports, importer(name), util, extensions, runtime, appSyncJson, appSyncConsole)
  const { request, response } = module.exports
  for (const [handler, value] of Object.entries({ request, response })) {
    if (value !== undefined && typeof value !== 'function') throw new Error(`${name}: ${handler} must be a function`)
  }
  return { request, response }
}

/**
 * Resolver code for a unit test: `request` and `response` run with the runtime's `util`, and `invocation` shows what
 * they did besides returning (appended errors, subscription filter, response headers).
 */
export function compileResolver(code: string, about: Partial<Invocation> = {}) {
  const { request, response } = compileHandlers(code, `${about.typeName ?? 'Query'}.${about.fieldName ?? 'field'}`)
  const invocation = createInvocation(about)
  const bound = (handler: Handler | undefined, handlerName: string) => (context: unknown) => {
    if (!handler) throw new Error(`the code exports no ${handlerName}`)
    return callHandler(handler, context, invocation)
  }
  return { request: bound(request, 'request'), response: bound(response, 'response'), invocation }
}
