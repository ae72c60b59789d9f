import type { IncomingMessage } from 'node:http'
import { readTarget } from '../../request-target.ts'
import type { Credentials } from '../authorization/authenticate.ts'

/** JSON in base64 or base64url, with or without padding; undefined when it is neither. */
function decode(text: string): Credentials | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    return typeof value === 'object' && value !== null ? lowerCased(value as Credentials) : undefined
  } catch {
    return undefined
  }
}

/** Header names as Node.js writes them: clients send both `Authorization` and `authorization`. */
export function lowerCased(headers: Credentials): Credentials {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The sub-protocols that a client offers. */
export function offeredProtocols(req: IncomingMessage): string[] {
  const offered = String(req.headers['sec-websocket-protocol'] ?? '')
  return offered.split(',').map((protocol) => protocol.trim())
}

/** The credentials of a connection, in whichever of the three places the client put them. */
export function connectHeaders(req: IncomingMessage): Credentials {
  const protocol = offeredProtocols(req).find((offered) => offered.startsWith('header-'))
  const bySubprotocol = protocol && decode(protocol.slice('header-'.length))
  if (bySubprotocol) return bySubprotocol
  const query = readTarget(req).query.get('header')
  // A "+" of plain base64 arrives as a space when the client did not escape it.
  const byQuery = query && decode(query.replaceAll(' ', '+'))
  return byQuery || req.headers
}
