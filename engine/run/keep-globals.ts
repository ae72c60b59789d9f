import { isInRun } from './agent-faults.ts'

/**
 * Keeps from an agent what every run in its process lives by: it fails where it tries, and not the others later. A host calls
 * this once, when all code is loaded. What exists on a prototype can still be replaced: to freeze it would break libraries.
 */
export function keepGlobals(): void {
  for (const { prototype } of [
    Object,
    Array,
    Function,
    Promise,
    String,
    Number,
    Boolean,
    RegExp,
    Date,
    Map,
    Set,
    Error,
  ]) {
    Object.preventExtensions(prototype)
  }
  for (const namespace of [JSON, Math, Reflect, Atomics]) Object.freeze(namespace)
  keepEnvironment()
}

/** The settings that were there at the start, which the AWS SDK reads when it first needs them; a new name may be added. */
function keepEnvironment(): void {
  const kept = new Set(Object.keys(process.env))
  const refuse = (name: string | symbol) => {
    if (!isInRun() || !kept.has(String(name))) return
    throw new TypeError(`process.env.${String(name)} belongs to the worker: an agent may read it, and not change it`)
  }
  const env = new Proxy(process.env, {
    set(target, name, value) {
      if (value !== Reflect.get(target, name)) refuse(name)
      return Reflect.set(target, name, value)
    },
    defineProperty(target, name, property) {
      refuse(name)
      return Reflect.defineProperty(target, name, property)
    },
    deleteProperty(target, name) {
      refuse(name)
      return Reflect.deleteProperty(target, name)
    },
  })
  Object.defineProperty(process, 'env', {
    get: () => env,
    set(replaced: object) {
      if (isInRun()) throw new TypeError('process.env belongs to the worker: an agent may not replace it')
      Object.assign(env, replaced)
    },
  })
}
