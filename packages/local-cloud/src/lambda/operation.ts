import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../clock.ts'
import type { LambdaFunction } from './function.ts'

/** The functions by name, and what all of Lambda's operations share. */
export interface LambdaState {
  readonly clock: Clock
  readonly functions: Map<string, LambdaFunction>
  /** The function of a name, a partial ARN or an ARN, with or without a version. */
  find(functionNameOrArn: string): LambdaFunction
  log(functionName: string, line: string): void
  readonly closing: AbortSignal
}

export interface LambdaRequest {
  /** Empty for a call on all functions. */
  functionName: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface LambdaAnswer {
  status: number
  headers?: Record<string, string>
  /** JSON text: a function's answer is passed on as it came. */
  body?: string
}

export type Operation = (state: LambdaState, request: LambdaRequest) => LambdaAnswer | Promise<LambdaAnswer>
