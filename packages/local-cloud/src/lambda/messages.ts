import type { RuntimeError } from './runtime-errors.ts'

/** What a new environment's thread is told at its start. */
export interface EnvironmentSettings {
  functionName: string
  functionArn: string
  codePath: string
  handler: string
  memoryMb: number
  logStream: string
  /** Set when the local clock is a ManualClock: its time and seed. */
  clock?: SharedArrayBuffer
}

/** To the thread; the last two only where a ManualClock rules, and ping only where it does not. */
export type Order =
  | Invocation
  | { type: 'ping'; memoryMb: number }
  | { type: 'shutdown' }
  | { type: 'runDue' }
  | { type: 'settle' }

/** Events and results travel as JSON text, which is what Lambda passes: a Date becomes a string here too. */
export interface Invocation {
  type: 'invoke'
  requestId: string
  event: string
  deadline: number
}

/** From the thread. */
export type Report =
  | { type: 'ready' }
  | { type: 'result'; requestId: string; payload: string }
  | { type: 'error'; requestId: string; error: RuntimeError }
  | { type: 'fatal'; error: RuntimeError }
  | { type: 'line'; requestId: string | undefined; line: string }
  /** The answer to ping: it is there, and uses so many megabytes. */
  | { type: 'pong'; usedMb: number }
  /** The answer to settle: nothing goes on here that does not wait for time, or for an answer. */
  | { type: 'settled'; nextTimer: number | undefined }
