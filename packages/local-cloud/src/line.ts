import type { IncomingMessage } from 'node:http'

/** Requests that are worked on at once: enough to keep the disk busy, few enough that a new one is looked at soon. */
const AT_ONCE = 48
/** Requests that may wait. What waits has not been read yet, so it costs a socket each. */
const WAITING = 10_000
/** A request that takes longer waits for something else, a model or a function that asks in its turn: it holds up nobody. */
const HOLD_MS = 200

/** Decides who is worked on next. */
export interface Line {
  /** Resolves when it is the caller's turn, with what gives the place back; undefined when too many wait. */
  enter(caller: string): Promise<() => void> | undefined
}

/** One line for each caller, and a turn for each of them: who asks for one thing does not wait for another's thousands. */
export function createLine({ atOnce = AT_ONCE, waiting = WAITING, holdMs = HOLD_MS } = {}): Line {
  const lines = new Map<string, (() => void)[]>()
  let held = 0
  let inLine = 0

  function hold(): () => void {
    held++
    let isHeld = true
    const giveBack = () => {
      if (!isHeld) return
      isHeld = false
      clearTimeout(timer)
      held--
      next()
    }
    // On the system's clock: this is about the real machine.
    const timer = setTimeout(giveBack, holdMs)
    return giveBack
  }

  function next(): void {
    const [first] = lines
    if (!first || held >= atOnce) return
    const [caller, line] = first
    const begin = line.shift()
    // Behind all others.
    lines.delete(caller)
    if (line.length > 0) lines.set(caller, line)
    inLine--
    begin?.()
  }

  return {
    enter(caller) {
      if (held < atOnce && inLine === 0) return Promise.resolve(hold())
      if (inLine >= waiting) return undefined
      inLine++
      return new Promise((resolve) => {
        const line = lines.get(caller) ?? []
        line.push(() => resolve(hold()))
        lines.set(caller, line)
      })
    },
  }
}

/** Who asks, as far as that is told before anything is read: whose credentials, else by which connection. */
export function callerOf({ headers, socket }: IncomingMessage): string {
  const { authorization, 'x-api-key': key } = headers
  const [, accessKeyId] = /\bCredential=([^/,\s]+)/.exec(authorization ?? '') ?? []
  return accessKeyId ?? authorization ?? String(key ?? `${socket.remoteAddress}:${socket.remotePort}`)
}
