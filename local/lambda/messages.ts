import type { RuntimeError } from './runtime-errors.ts'

/** What a new environment's thread is told at its start. */
export interface EnvironmentSettings {
  functionName: string
  functionArn: string
  codePath: string
  handler: string
  memoryMb: number
  logStream: string
  /** Set when the local clock is not the system's: [0] lock, then the time as a Float64 at byte 8. */
  clock?: SharedArrayBuffer
}

/** To the thread. Events and results travel as JSON text, which is what Lambda passes: a Date becomes a string here too. */
export interface Invocation {
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
  | { type: 'now' }
