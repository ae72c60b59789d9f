import { type BuildAppOptions, buildApp } from 'fauxqs'
import type { Handle } from '../service.ts'
import { type WireRequest, wireRequest } from './operation.ts'
import type { QueueStore } from './queue-store.ts'

type App = ReturnType<typeof buildApp>
type Stores = NonNullable<BuildAppOptions['stores']>

/** SQS's JSON protocol: fauxqs reads and checks it, and its actions call the queues of a store. */
export interface SqsProtocol {
  handle: Handle
  /** Carries out an operation as the wire would; throws what SQS says against it. */
  call(operation: string, input: object): Promise<Record<string, unknown>>
  close(): Promise<void>
}

export async function openProtocol(store: QueueStore, region: string): Promise<SqsProtocol> {
  const app = buildApp({ logger: false, defaultRegion: region, stores: storesFor(store) })
  await app.ready()
  return {
    async handle(request, response, body) {
      const hungUp = new AbortController()
      response.once('close', () => hungUp.abort())
      const headers: Record<string, string> = {}
      for (const name of ['content-type', 'x-amz-target', 'authorization']) {
        const value = request.headers[name]
        if (typeof value === 'string') headers[name] = value
      }
      const answer = await ask(app, headers, body, hungUp.signal)
      if (!hungUp.signal.aborted) response.writeHead(answer.statusCode, answer.headers).end(answer.rawPayload)
    },
    async call(operation, input) {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` }
      const answer = await ask(app, headers, Buffer.from(JSON.stringify(input)), new AbortController().signal)
      const output = answer.json()
      if (answer.statusCode !== 200) throw new Error(output.message)
      return output
    },
    async close() {
      await app.close()
    },
  }
}

// fauxqs exports neither its store's class nor its shape; what its actions call is what QueueStore and Queue have,
// and the tests call every action. The SNS and S3 stores it makes itself.
function storesFor(store: QueueStore): Stores {
  return { sqsStore: store as unknown as Stores['sqsStore'] } as Stores
}

function ask(app: App, headers: Record<string, string>, body: Buffer, signal: AbortSignal) {
  // inject() starts only when it is awaited, which must happen inside run().
  const inject = async () => await app.inject({ method: 'POST', url: '/', headers, payload: body })
  return wireRequest.run(describeRequest(body, signal), inject)
}

interface SentMessage {
  MessageBody?: string
  MessageGroupId?: string
}

function describeRequest(body: Buffer, signal: AbortSignal): WireRequest {
  const sent = body.includes('"MessageGroupId"') ? sentMessages(body) : []
  return {
    signal,
    groupOf(text) {
      const index = sent.findIndex(({ MessageBody }) => MessageBody === text)
      // Each is used once: two messages with the same body may be of different groups.
      return index < 0 ? undefined : sent.splice(index, 1)[0]?.MessageGroupId
    },
  }
}

function sentMessages(body: Buffer): SentMessage[] {
  try {
    const request: SentMessage & { Entries?: SentMessage[] } = JSON.parse(body.toString())
    return request.Entries ?? [request]
  } catch {
    // fauxqs parses the same text and refuses the request.
    return []
  }
}
