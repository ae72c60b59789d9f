import { AwsError } from '../../aws-error.ts'
import { type BedrockErrorCode, bedrockError } from '../bedrock-error.ts'
import type { ModelAnswerer } from '../operation.ts'
import { chatRequest } from './chat-request.ts'
import { converseEvents } from './chat-stream.ts'
import { apiBase, post, type ServerAnswer } from './model-server.ts'

const ERROR_NAMES: Record<number, BedrockErrorCode> = {
  401: 'AccessDeniedException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
}

/** Answers with any server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM and others. */
export function openAiCompatible(url: string, model: string, apiKey = process.env.OPENAI_API_KEY): ModelAnswerer {
  const endpoint = `${apiBase(url)}/chat/completions`
  // A server that asks for a key sends a bill, too.
  return Object.assign(answer, { spends: apiKey !== undefined })

  async function* answer(...[request, _modelId, signal]: Parameters<ModelAnswerer>) {
    const ask = (payload: Record<string, unknown>) =>
      post(endpoint, payload, apiKey, signal).catch((cause) => {
        throw signal.aborted ? cause : unreachable(endpoint, cause)
      })
    const { max_tokens, ...payload } = chatRequest(request, model)
    let answered = await ask({ ...payload, max_tokens })
    if (answered.status === 400 && max_tokens !== undefined) {
      const error = await refused(endpoint, model, answered)
      if (!/max_tokens|context length/i.test(error.message)) throw error
      // More than the context of this model holds: its own limit will do.
      answered = await ask(payload)
    }
    if (answered.status !== 200) throw await refused(endpoint, model, answered)
    try {
      yield* converseEvents(answered.body)
    } catch (cause) {
      if (cause instanceof AwsError || signal.aborted) throw cause
      throw bedrockError('ModelStreamErrorException', `${endpoint} broke off: ${reasonOf(cause)}`, { cause })
    }
  }
}

function unreachable(endpoint: string, cause: unknown): AwsError {
  const message = `No model server answers at ${endpoint} (${reasonOf(cause)}): start it (Ollama: \`ollama serve\`), or use \`--model offline\`.`
  return bedrockError('ServiceUnavailableException', message, { cause })
}

async function refused(
  endpoint: string,
  model: string,
  { status, retryAfterSeconds, body }: ServerAnswer,
): Promise<AwsError> {
  let text = ''
  for await (const part of body) text += part
  const name = ERROR_NAMES[status] ?? (status < 500 ? 'ValidationException' : 'ModelErrorException')
  const hint = status === 404 ? ` Fetch the model first (Ollama: \`ollama pull ${model}\`).` : ''
  return bedrockError(name, `${endpoint} answered ${status}: ${messageIn(text)}${hint}`, { retryAfterSeconds })
}

/** Most servers send {"error":{"message"}}, some {"error":"…"}, some plain text. */
function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } | string }
    const message = typeof error === 'string' ? error : error?.message
    if (message) return message
  } catch {
    // Plain text is shown as it is.
  }
  return text.slice(0, 500) || 'no body'
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? String(error)
}
