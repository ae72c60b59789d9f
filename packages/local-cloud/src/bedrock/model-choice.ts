import { type Clock, sleep, systemClock } from '../clock.ts'
import { offline } from './offline/offline.ts'
import { apiBase, listModels } from './open-ai/model-server.ts'
import { openAiCompatible } from './open-ai/open-ai.ts'
import type { ModelAnswerer } from './operation.ts'
import { checkCredentials, passThrough } from './pass-through.ts'

/** What stands behind the local Bedrock. */
export type ModelChoice =
  | { kind: 'offline' }
  | { kind: 'openai'; url: string; model: string }
  | { kind: 'bedrock'; modelId: string }

const FORMS = `offline, openai:<url>#<model> (such as openai:http://127.0.0.1:11434#qwen3) or bedrock:<model id>`

/** Reads the value of `--model`. */
export function parseModel(text: string): ModelChoice {
  if (text === 'offline') return { kind: 'offline' }
  const [, kind, rest = ''] = /^(openai|bedrock):(.+)$/s.exec(text) ?? []
  if (kind === 'bedrock') return { kind, modelId: rest }
  if (kind !== 'openai') throw new Error(`--model must be ${FORMS}, got ${JSON.stringify(text)}`)
  // The last #: the name of a model may hold slashes and colons, but no #.
  const at = rest.lastIndexOf('#')
  const [url, model] = at < 0 ? [rest, ''] : [rest.slice(0, at), rest.slice(at + 1)]
  if (!model) throw new Error(`--model openai:<url>#<model> must name a model after the #, got ${JSON.stringify(text)}`)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error(`--model openai:<url>#<model> must have an http:// or https:// URL, got ${JSON.stringify(url)}`)
  }
  return { kind, url, model }
}

/** Who answers; `offlineModel` when no model is to be asked. */
export function modelAnswerer(choice: ModelChoice, offlineModel = offline()): ModelAnswerer {
  if (choice.kind === 'openai') return openAiCompatible(choice.url, choice.model)
  return choice.kind === 'bedrock' ? passThrough(choice.modelId) : offlineModel
}

/** A model that thinks for `ms` before its first word: what `answer` says, later. */
export function delayed(answer: ModelAnswerer, ms: number, clock: Clock = systemClock): ModelAnswerer {
  return Object.assign(later, { spends: answer.spends })

  async function* later(...[request, modelId, signal]: Parameters<ModelAnswerer>) {
    await sleep(clock, ms, signal)
    yield* answer(request, modelId, signal)
  }
}

/** One line that says what is missing for `choice` to answer, and the way out; undefined when it is ready. */
export async function checkModel(choice: ModelChoice): Promise<string | undefined> {
  if (choice.kind === 'offline') return undefined
  if (choice.kind === 'bedrock') return checkCredentials(choice.modelId)
  const { url, model } = choice
  try {
    const models = await listModels(url)
    if (models.length === 0 || models.some((name) => name === model || name === `${model}:latest`)) return undefined
    const shown = `${models.slice(0, 5).join(', ')}${models.length > 5 ? ' …' : ''}`
    return `The model server at ${url} has no model ${model}, only ${shown}: fetch it (Ollama: \`ollama pull ${model}\`), or name one of these.`
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `No model server answers at ${url} (tried GET ${apiBase(url)}/models: ${reason}): start it (Ollama: \`ollama serve\`), or use \`--model offline\`.`
  }
}
