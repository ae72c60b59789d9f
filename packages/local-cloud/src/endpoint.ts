import { createServer as createHttp1, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AwsError } from './aws-error.ts'
import { checkAccess, checkCaller } from './gate/gate.ts'
import { callerOf, createLine, type Line } from './line.ts'
import { sendRefusal } from './refusal.ts'
import type { Route } from './service.ts'
import { storageError } from './storage-error.ts'

export interface Endpoint {
  port: number
  /** `http://127.0.0.1:<port>`, what every SDK gets as its endpoint. */
  url: string
  close(): Promise<void>
}

export interface EndpointOptions {
  /** 0 takes any free port. */
  port: number
  host?: string
  /** Pages that may call besides those of this machine, as a browser names them in the header Origin. */
  origins?: readonly string[]
  /** Finds the service for a request. */
  route(request: IncomingMessage): Route
  /** Takes a WebSocket, or throws an AwsError. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Told of each request. */
  watch?(request: IncomingMessage, response: ServerResponse): void
  line?: Line
  /** How long a client may take to send a request. */
  requestTimeoutMs?: number
}

type Served = Required<Pick<EndpointOptions, 'origins' | 'line'>> & EndpointOptions

/** DynamoDB's largest request; no other service here takes more. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** Nobody on the same machine needs longer to say what it wants, even while it waits in line. */
const REQUEST_TIMEOUT_MS = 120_000

/** Opens the one port of the local cloud, for HTTP/1.1, WebSockets and HTTP/2 without TLS alike. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const host = options.host ?? '127.0.0.1'
  const served: Served = { ...options, origins: options.origins ?? [], line: options.line ?? createLine() }
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    options.watch?.(request, response)
    void serve(served, request, response)
  }
  const http1 = openHttp1(answer, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS)
  http1.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    upgrade(served, request, socket, head),
  )
  const http2 = createHttp2(answer as unknown as Parameters<typeof createHttp2>[1])
  // What is no HTTP/2 ends its own session, and the socket with it.
  http2.on('sessionError', () => {})
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A client may hang up at any moment; the request on the socket, if any, sees its own 'close'.
    socket.on('error', () => socket.destroy())
    socket.once('readable', () => {
      const start = socket.read() as Buffer | null
      if (!start) return
      socket.unshift(start)
      // The Bedrock client of the JavaScript SDK opens HTTP/2 with prior knowledge: its preface begins with PRI.
      const speaksHttp2 = start.toString('latin1', 0, 3) === 'PRI'
      ;(speaksHttp2 ? http2 : http1).emit('connection', socket)
    })
  })
  await listen(server, options.port, host)
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${host}:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      http1.close()
      await closed
    },
  }
}

function openHttp1(answer: (request: IncomingMessage, response: ServerResponse) => void, timeoutMs: number): Server {
  const timeouts = { requestTimeout: timeoutMs, headersTimeout: timeoutMs, connectionsCheckingInterval: timeoutMs / 4 }
  const http1 = createHttp1(timeouts, answer)
  // A server that hangs up first races with the next request on a pooled client socket, which then fails with ECONNRESET.
  http1.keepAliveTimeout = 0
  // It gets its sockets from another, and begins to look after half requests when it hears that it listens.
  http1.emit('listening')
  return http1
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      reject(
        new Error(
          `port ${port} is in use by another program; choose another with --port, or --port 0 for any free one`,
        ),
      )
    })
    server.listen(port, host, resolve)
  })
}

async function serve({ line, origins, route: routeOf }: Served, request: IncomingMessage, response: ServerResponse) {
  const stranger = checkCaller(request, origins)
  if (stranger) return sendRefusal(response, stranger, 'json')
  const route = routeOf(request)
  const refused = checkAccess(request, route)
  if (refused) return sendRefusal(response, refused, route.form)
  letPageRead(request, response, route)
  const giveBack = await line.enter(callerOf(request))
  if (!giveBack) return sendRefusal(response, tooBusy(route), route.form)
  try {
    await route.handle(request, response, await readBody(request))
  } catch (error) {
    // The client left before it had its answer: there is nobody to tell.
    if (request.destroyed && response.destroyed) return
    sendRefusal(response, asAwsError(error), route.form)
  } finally {
    giveBack()
  }
}

/** Only pages that have passed the gate come here: each is told its own name, never that all may read. */
function letPageRead({ headers: { origin } }: IncomingMessage, response: ServerResponse, { access }: Route): void {
  if (origin === undefined || access !== 'pages') return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'Origin')
}

function upgrade(served: Served, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  try {
    const refused = checkCaller(request, served.origins)
    if (refused) throw refused
    if (!served.upgrade) throw new AwsError('BadRequestException', 400, 'nothing here takes a WebSocket')
    served.upgrade(request, socket, head)
  } catch (error) {
    const { message, status } = asAwsError(error)
    const text = JSON.stringify({ message })
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
  }
}

function asAwsError(error: unknown): AwsError {
  const known = error instanceof AwsError ? error : storageError(error)
  if (known) return known
  console.error(error)
  // What was wrong may name files of the machine; whoever sits before it sees it on the terminal.
  return new AwsError('InternalFailure', 500, 'the local cloud failed, and its terminal says why')
}

function tooBusy({ busy = { code: 'ThrottlingException', status: 429 } }: Route): AwsError {
  const message = 'Rate exceeded: too many requests wait for the local cloud; ask again'
  return new AwsError(busy.code, busy.status, message, { retryAfterSeconds: 1 })
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  // Destroyed in the middle, its connection would go with it, and the answer too.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) {
      throw new AwsError('RequestEntityTooLarge', 413, `the request is larger than ${MAX_BODY_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}
