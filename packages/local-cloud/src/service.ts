import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from './gate/gate.ts'
import type { ErrorForm } from './refusal.ts'

/** The account and region that the local cloud says it is. */
export interface Identity {
  accountId: string
  region: string
}

/**
 * Answers one request whose body has been read. HTTP/2 requests come in Node's HTTP/1-compatible form. What it throws is
 * written in its service's form.
 */
export type Handle = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>

/** A service as the endpoint sees it. */
export interface Route extends Access {
  handle: Handle
  form: ErrorForm
  /** How it says that there is too much to do; a ThrottlingException with 429 when left out. */
  busy?: { code: string; status: number }
}
