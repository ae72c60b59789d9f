import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Handle } from './service.ts'

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
  /** Finds the service for a request, or undefined when nothing here answers it. */
  route(request: IncomingMessage): Handle | undefined
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Told of each request. */
  watch?(request: IncomingMessage, response: ServerResponse): void
}

/** DynamoDB's largest request; no other service here takes more. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** Opens the one port of the local cloud, for HTTP/1.1, WebSockets and HTTP/2 without TLS alike. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const host = options.host ?? '127.0.0.1'
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    options.watch?.(request, response)
    void serve(options.route, request, response)
  }
  const http1 = createHttp1(answer)
  // A server that hangs up first races with the next request on a pooled client socket, which then fails with ECONNRESET.
  http1.keepAliveTimeout = 0
  http1.requestTimeout = 0
  if (options.upgrade) http1.on('upgrade', options.upgrade)
  const http2 = createHttp2(answer as unknown as Parameters<typeof createHttp2>[1])
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
      await closed
    },
  }
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

async function serve(route: EndpointOptions['route'], request: IncomingMessage, response: ServerResponse) {
  try {
    const handle = route(request)
    if (!handle) return refuse(response, 404, `nothing here answers ${request.method} ${request.url}`)
    const body = await readBody(request)
    if (!body) return refuse(response, 413, `the request is larger than ${MAX_BODY_BYTES} bytes`)
    await handle(request, response, body)
  } catch (error) {
    // The client left before it had its answer: there is nobody to tell.
    if (request.destroyed && response.destroyed) return
    console.error(error)
    refuse(response, 500, `the local cloud failed: ${error instanceof Error ? error.message : error}`)
  }
}

function refuse(response: ServerResponse, status: number, message: string) {
  if (response.headersSent) return response.destroy()
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ message }))
}

/** Reads the whole body; undefined when it is larger than any service takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}
