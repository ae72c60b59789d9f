import type { IncomingMessage, ServerResponse } from 'node:http'

/** The account and region that the local cloud says it is. */
export interface Identity {
  accountId: string
  region: string
}

/** Answers one request whose body has been read. HTTP/2 requests come in Node's HTTP/1-compatible form. */
export type Handle = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>
