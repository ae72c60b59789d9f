import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { ConverseReply, ConverseRequest, Model } from '../model.ts'
import { converseInput, maxTokensOf, takesBeta } from './converse-input.ts'
import { isBetaRefused, isConnectionFault, sortModelError, stalledStream } from './model-failure.ts'
import { ReplyReader } from './reply-reader.ts'
import { watchSilence } from './silence.ts'

export interface BedrockModelOptions {
  /** A model id or the id or ARN of an inference profile. */
  modelId: string
  client?: BedrockRuntimeClient
  /** Tells when the model has been silent for too long. */
  clock?: Clock
  /** How long a model may be silent whose request does not say; longer where a long answer may come in one piece. */
  stallSeconds?: number
}

// A model that holds a tool's input back is silent for as long as it writes. The slowest write some 40 tokens a second.
const TOKENS_PER_SECOND = 40

/** A model behind Amazon Bedrock's ConverseStream. Faults come out as PermanentFailure or RetryLater. */
export function createBedrockModel(options: BedrockModelOptions): Model {
  const { modelId, client = createClient(), clock = systemClock } = options
  let beta = takesBeta(modelId)

  /** One call; `heard` is told of each event. */
  async function call(
    request: ConverseRequest,
    signal: AbortSignal,
    heard: () => void,
    on: { text(delta: string): void },
  ): Promise<ConverseReply> {
    const reply = new ReplyReader(modelId)
    const command = new ConverseStreamCommand(converseInput(modelId, request, beta))
    const { stream } = await client.send(command, { abortSignal: signal })
    for await (const event of stream ?? []) {
      heard()
      reply.read(event, on.text)
    }
    signal.throwIfAborted()
    return reply.finish()
  }

  return {
    async converse(request, on) {
      request.signal.throwIfAborted()
      const stallSeconds = request.stallSeconds ?? longestSilence(options, request)
      const silence = watchSilence(clock, stallSeconds, () => stalledStream(modelId, stallSeconds ?? 0))
      const signal = AbortSignal.any([request.signal, silence.signal])
      let begun = false
      const heard = () => {
        begun = true
        silence.broken()
      }
      try {
        return await call(request, signal, heard, on).catch((error) => {
          if (begun || signal.aborted) throw error
          // Nothing was begun, so nothing is paid for twice. A connection that was kept open over a freeze of the process is
          // found closed by its first use.
          const refused = beta && isBetaRefused(error)
          if (refused) beta = false
          else if (!isConnectionFault(error)) throw error
          return call(request, signal, heard, on)
        })
      } catch (error) {
        // Who aborted knows why: the reason, not the socket's complaint, is what the engine decides by.
        signal.throwIfAborted()
        throw sortModelError(error, modelId, begun)
      } finally {
        silence.end()
      }
    },
  }
}

function longestSilence({ modelId, stallSeconds }: BedrockModelOptions, request: ConverseRequest): number | undefined {
  return stallSeconds && Math.max(stallSeconds, Math.ceil(maxTokensOf(modelId, request) / TOKENS_PER_SECOND))
}

function createClient(): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    // The job layer owns retries: three quick attempts of the SDK do not outlast real throttling, and they hide it.
    maxAttempts: 1,
    // The default, HTTP/2 with a session per request, costs more than it gives: ConverseStream streams one way only.
    // No limit of sockets below the number of jobs that run at once, and none of silence: a model may think for minutes.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5000,
      httpsAgent: { maxSockets: 500 },
      httpAgent: { maxSockets: 500 },
    }),
  })
}
