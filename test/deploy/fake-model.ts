import { once } from 'node:events'
import { createServer } from 'node:http'
import { createBedrock } from '@agent-jobs/local-cloud/bedrock'
import { systemClock } from '@agent-jobs/local-cloud/clock'
import { offlineModel } from '../../local/offline-model.ts'

export interface FakeModel {
  url: string
  close(): void
}

/** Bedrock Runtime's ConverseStream on its real wire format, with the local cloud's answers behind it. */
export async function startFakeModel(host: string): Promise<FakeModel> {
  const { handle } = createBedrock({ clock: systemClock, answer: offlineModel({ paceMs: 0 }) })
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    await handle(request, response, Buffer.concat(chunks))
  })
  // Reached by another name, the functions are elsewhere: in containers, say.
  server.listen(0, host === '127.0.0.1' ? host : '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { url: `http://${host}:${port}`, close: () => server.close() }
}
