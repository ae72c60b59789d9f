/** How much a model may think before it answers; `none` is as little as the model can. */
export type Effort = 'none' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'
export const EFFORTS: Effort[] = ['none', 'low', 'medium', 'high', 'xhigh', 'max']

/** What an agent asks of its model. */
export interface ModelSettings {
  /** The tokens of one answer, thoughts included, at most; 16,000 unless given, and 32,000 where the model thinks. */
  maxTokens?: number
  /** From 0 to 1. Claude 4.7 and later refuse it. */
  temperature?: number
  /** How much the model may think before it answers: 'none', unless given, is as little as it can. */
  effort?: Effort
}

/** What a family of models takes, where they differ. */
export interface ModelFamily {
  /** The tokens of one answer, at most. */
  maxTokens: number
  /** Fields that have it think as little as it can; undefined when that is what it does unasked. */
  least?: Record<string, unknown>
  /** `least` still thinks. */
  alwaysThinks?: true
  /** Takes `output_config.effort`, and decides by itself when to think. */
  adaptive?: true
  /** Refuses any temperature of ours. */
  noTemperature?: true
  /** When it may be forced to call a tool. */
  forcedTool: 'ever' | 'without thinking' | 'never'
  /** Refuses the flag that has tool inputs streamed as they are written. */
  noBeta?: true
}

const off = { thinking: { type: 'disabled' } }
const low = { output_config: { effort: 'low' } }
const since47 = { maxTokens: 128_000, adaptive: true, noTemperature: true } as const
const mustThink: ModelFamily = { ...since47, least: low, alwaysThinks: true, forcedTool: 'never' }

/**
 * By the name of the model, without its date and version. Sources, read in November 2026:
 * platform.claude.com/docs: "What's new" and migration guides of Opus 5.5 (cannot be disabled, no forced tools), Haiku 5.5
 * (thinks unless disabled, which it takes up to effort high; takes forced tools) and Sonnet 5.5 (`between_tools` is its
 * least; no forced tools); temperature is refused since Opus 4.7; models overview (longest answers).
 * docs.aws.amazon.com/bedrock: claude-messages-adaptive-thinking (Fable and Mythos cannot be disabled; 4.6 and later are
 * adaptive), claude-messages-extended-thinking (no forced tools while it thinks).
 * The flag of fine-grained tool streaming: refused by Opus 4.7 on Bedrock (github.com/vercel/ai/pull/14542).
 */
const FAMILIES: [name: string, family: ModelFamily][] = [
  ['claude-haiku-5-5', { ...since47, least: off, forcedTool: 'ever' }],
  ['claude-sonnet-5-5', { ...since47, least: { thinking: { type: 'between_tools' } }, forcedTool: 'never' }],
  ['claude-opus-5-5', mustThink],
  ['claude-fable-5', mustThink],
  ['claude-fable-5-1', mustThink],
  ['claude-mythos-5', mustThink],
  ['claude-mythos-5-1', mustThink],
  ['claude-mythos-preview', mustThink],
  ['claude-opus-5', { ...since47, least: off, forcedTool: 'without thinking' }],
  ['claude-sonnet-5', { ...since47, least: off, forcedTool: 'without thinking' }],
  ['claude-opus-4-8', { ...since47, forcedTool: 'without thinking', noBeta: true }],
  ['claude-opus-4-7', { ...since47, forcedTool: 'without thinking', noBeta: true }],
  ['claude-opus-4-6', { maxTokens: 128_000, adaptive: true, forcedTool: 'without thinking' }],
  ['claude-sonnet-4-6', { maxTokens: 64_000, adaptive: true, forcedTool: 'without thinking' }],
  ['claude-opus-4-5', { maxTokens: 64_000, forcedTool: 'ever' }],
  ['claude-sonnet-4-5', { maxTokens: 64_000, forcedTool: 'ever' }],
  ['claude-haiku-4-5', { maxTokens: 64_000, forcedTool: 'ever' }],
  ['claude-sonnet-4', { maxTokens: 64_000, forcedTool: 'ever' }],
  ['claude-opus-4-1', { maxTokens: 32_000, forcedTool: 'ever' }],
  ['claude-opus-4', { maxTokens: 32_000, forcedTool: 'ever' }],
]

/** Undefined for a model that is not in the table: it is asked in the plainest form. */
export function modelFamily(modelId: string): ModelFamily | undefined {
  const name = /(?:^|[./])anthropic\.([a-z0-9-]+?)(?:-\d{8})?(?:-v\d+)?(?::\d+)?$/.exec(modelId)?.[1]
  return FAMILIES.find(([family]) => family === name)?.[1]
}

export function isAnthropic(modelId: string): boolean {
  return /(?:^|[./])anthropic\./.test(modelId)
}

/** What of an agent's settings this model is known to refuse, in words; undefined when all is well. */
export function impossibleSetting(modelId: string, settings: ModelSettings): string | undefined {
  const family = modelFamily(modelId)
  if (!family) return undefined
  const { maxTokens, temperature, effort } = settings
  if (maxTokens !== undefined && maxTokens > family.maxTokens) {
    return `maxTokens must be at most ${family.maxTokens} with ${modelId}, got ${maxTokens}`
  }
  if (temperature !== undefined && family.noTemperature) {
    return `temperature must be left out with ${modelId}, which refuses it, got ${temperature}`
  }
  if (effort === undefined || (effort === 'none' && !family.alwaysThinks)) return undefined
  if (effort === 'none') return `effort cannot be 'none' with ${modelId}, which always thinks: 'low' is its least`
  if (!family.adaptive) {
    return `effort must be left out, or 'none', with ${modelId}, which does not decide by itself how much to think, got '${effort}'`
  }
  return undefined
}
