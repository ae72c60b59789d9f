import type { ConverseBody, ConverseStreamEvent, ModelAnswerer, ToolSpec } from '@agent-jobs/local-cloud/bedrock'
import { bedrockError, jsonInput, smallestValue } from '@agent-jobs/local-cloud/bedrock'
import { type Clock, sleep, systemClock } from '@agent-jobs/local-cloud/clock'

/** What the model does when it is called. */
export type ScriptedTry = (
  | { does: 'answer'; value?: unknown }
  | { does: 'call'; tool: string; input: unknown }
  /** 429 before the first word. */
  | { does: 'throttle'; retryAfterSeconds?: number }
  /** 503 in mid-stream. */
  | { does: 'break' }
  /** Says something, and then nothing for ever. */
  | { does: 'stall' }
  /** Hands in what is no JSON. */
  | { does: 'garble' }
  /** Says something, and ends the worker that listens. */
  | { does: 'die' }
) & {
  /** Thinks so long before its first word. */
  afterMs?: number
  /** Words that it says before it does it; 2 unless given. */
  words?: number
  /** Takes so long for each word. */
  everyMs?: number
}

/**
 * The turns of a conversation. Where a turn is a list, that is what happens at the first, second, … call for it; the last
 * one stays. What comes behind the script is an answer.
 */
export type Script = (ScriptedTry | ScriptedTry[])[]

export interface ScriptedOptions {
  clock?: Clock
  /** Tells jobs apart by the data of a request; the data as JSON text unless given. */
  job?(data: unknown): string
  /** Ends the worker, for `die`: `() => cloud.faults.killFunction('RunJob')`. */
  die?(): Promise<void>
}

export interface ScriptedModel extends ModelAnswerer {
  /** How often it was called for a job. */
  calls(job: string): number
  /** How many calls for a job are under way. */
  running(job: string): number
  /** How many were under way at the same time at most. */
  mostRunning(job: string): number
}

/** A model that does as it is told, one script for all jobs or one for each. */
export function scripted(script: Script | ((job: string) => Script), options: ScriptedOptions = {}): ScriptedModel {
  const { clock = systemClock, job: jobOf = (data) => JSON.stringify(data) ?? '', die = cannotDie } = options
  const jobs = new Map<string, { calls: number; running: number; most: number; tries: Map<number, number> }>()
  const state = (job: string) => {
    const known = jobs.get(job) ?? { calls: 0, running: 0, most: 0, tries: new Map() }
    jobs.set(job, known)
    return known
  }

  async function* answer(request: ConverseBody, _modelId: string, signal: AbortSignal) {
    const job = jobOf(jsonInput(request))
    const known = state(job)
    const turn = request.messages.filter(({ role }) => role === 'assistant').length
    const tried = known.tries.get(turn) ?? 0
    known.tries.set(turn, tried + 1)
    known.calls++
    known.most = Math.max(known.most, ++known.running)
    try {
      yield* play(tryAt(typeof script === 'function' ? script(job) : script, turn, tried), request, signal)
    } finally {
      known.running--
    }
  }

  async function* play(
    now: ScriptedTry,
    request: ConverseBody,
    signal: AbortSignal,
  ): AsyncGenerator<ConverseStreamEvent> {
    if (now.afterMs) await sleep(clock, now.afterMs, signal)
    if (now.does === 'throttle') throw throttled(now.retryAfterSeconds)
    yield { messageStart: { role: 'assistant' } }
    for (let word = 0; word < (now.words ?? 2); word++) {
      if (now.everyMs) await sleep(clock, now.everyMs, signal)
      yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: word === 0 ? 'So' : ' so' } } }
    }
    yield { contentBlockStop: { contentBlockIndex: 0 } }
    if (now.does === 'break') throw bedrockError('ServiceUnavailableException', 'The scripted model breaks off.')
    if (now.does === 'stall') await untilHangUp(signal)
    if (now.does === 'die') {
      await die()
      await untilHangUp(signal)
    }
    yield* ending(now, request)
  }
  return Object.assign(answer, {
    calls: (job: string) => state(job).calls,
    running: (job: string) => state(job).running,
    mostRunning: (job: string) => state(job).most,
  })
}

function tryAt(script: Script, turn: number, tried: number): ScriptedTry {
  const tries = [script[turn] ?? { does: 'answer' as const }].flat()
  return tries[Math.min(tried, tries.length - 1)] ?? { does: 'answer' }
}

function* ending(now: ScriptedTry, request: ConverseBody): Generator<ConverseStreamEvent> {
  const submit = askedTool(request)
  const name = now.does === 'call' ? now.tool : submit?.name
  if (name !== undefined) {
    const toolUseId = `tooluse_scripted_${request.messages.length}`
    yield { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { toolUseId, name } } } }
    yield { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: inputOf(now, submit) } } } }
    yield { contentBlockStop: { contentBlockIndex: 1 } }
  }
  yield { messageStop: { stopReason: name === undefined ? 'end_turn' : 'tool_use' } }
  yield { metadata: { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 } } }
}

function inputOf(now: ScriptedTry, submit: ToolSpec | undefined): string {
  if (now.does === 'garble') return '{"answer": "so'
  if (now.does === 'call') return JSON.stringify(now.input)
  const value = now.does === 'answer' ? now.value : undefined
  return JSON.stringify(value ?? smallestValue(submit?.inputSchema.json ?? {}))
}

/** The forced tool, or the one that an agent's answer is handed in with. */
function askedTool({ toolConfig }: ConverseBody): ToolSpec | undefined {
  const tools = toolConfig?.tools.flatMap(({ toolSpec }) => toolSpec ?? []) ?? []
  const forced = toolConfig?.toolChoice?.tool?.name
  return tools.find(({ name }) => (forced === undefined ? name.startsWith('submit_') : name === forced))
}

function throttled(retryAfterSeconds: number | undefined): Error {
  return bedrockError('ThrottlingException', 'Too many requests, please wait before trying again.', {
    retryAfterSeconds,
  })
}

/** Never goes on: it ends with the client. */
function untilHangUp(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function cannotDie(): Promise<void> {
  throw new Error('a script with die needs scripted(…, { die: () => cloud.faults.killFunction(<name>) })')
}
