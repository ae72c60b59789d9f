import { validationError } from '../aws-error.ts'
import type { ContentBlock, ConverseBody, Message } from './operation.ts'

/** Reads the body and refuses, as Bedrock does, what no model could answer. */
export function parseConverseBody(body: Buffer): ConverseBody {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    throw validationError(`The body must be a JSON object, got ${JSON.stringify(body.toString('utf8', 0, 80))}`)
  }
  if (!isObject(parsed)) throw validationError(`The body must be a JSON object, got ${JSON.stringify(parsed)}`)
  const request = parsed as unknown as ConverseBody
  checkMessages(request)
  checkInference(request)
  checkTools(request)
  return request
}

function checkMessages({ messages, toolConfig }: ConverseBody) {
  if (!Array.isArray(messages) || messages.length === 0)
    throw validationError('messages must be a list with at least one message')
  for (const [index, message] of messages.entries()) {
    const where = `messages.${index}`
    if (!isObject(message) || !Array.isArray(message.content) || message.content.length === 0) {
      throw validationError(`${where}.content must be a list with at least one content block`)
    }
    const expected = index % 2 === 0 ? 'user' : 'assistant'
    if (message.role !== 'user' && message.role !== 'assistant') {
      throw validationError(`${where}.role must be user or assistant, got ${JSON.stringify(message.role)}`)
    }
    if (index === 0 && message.role !== expected)
      throw validationError('A conversation must start with a user message.')
    if (message.role !== expected)
      throw validationError(`Roles must alternate between user and assistant: ${where}.role must be ${expected}`)
    for (const [place, block] of message.content.entries()) checkBlock(`${where}.content.${place}`, block, toolConfig)
    checkToolResults(where, message, messages[index - 1])
  }
}

function checkBlock(where: string, block: ContentBlock, toolConfig: ConverseBody['toolConfig']) {
  if (!isObject(block) || Object.keys(block).length !== 1)
    throw validationError(`${where} must have exactly one key, such as text`)
  if ('text' in block && (typeof block.text !== 'string' || !block.text.trim())) {
    throw validationError(`The text field in the ContentBlock object at ${where} is blank.`)
  }
  const tool = block.toolUse ?? block.toolResult
  if (!tool) return
  if (typeof tool.toolUseId !== 'string' || !tool.toolUseId) throw validationError(`${where} must have a toolUseId`)
  if (!toolConfig) throw validationError('toolConfig must be given when messages hold toolUse or toolResult blocks')
  if (block.toolUse && !isObject(block.toolUse.input))
    throw validationError(`${where}.toolUse.input must be a JSON object`)
  if (block.toolResult && !Array.isArray(block.toolResult.content))
    throw validationError(`${where}.toolResult.content must be a list`)
}

/** Each tool use must be answered in the very next user message, and nothing else may be. */
function checkToolResults(where: string, message: Message, before: Message | undefined) {
  if (message.role !== 'user') return
  const asked = before?.content.flatMap((block) => block.toolUse?.toolUseId ?? []) ?? []
  const answered = message.content.flatMap((block) => block.toolResult?.toolUseId ?? [])
  const missing = asked.filter((id) => !answered.includes(id))
  if (missing.length > 0)
    throw validationError(`Expected toolResult blocks at ${where}.content for the following Ids: ${missing.join(', ')}`)
  const extra = answered.filter((id) => !asked.includes(id))
  if (extra.length > 0)
    throw validationError(
      `${where}.content has toolResult blocks for Ids that no toolUse asked for: ${extra.join(', ')}`,
    )
}

function checkInference({ inferenceConfig }: ConverseBody) {
  const { maxTokens, temperature } = inferenceConfig ?? {}
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1)) {
    throw validationError(
      `inferenceConfig.maxTokens must be a whole number from 1 up, got ${JSON.stringify(maxTokens)}`,
    )
  }
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 1)) {
    throw validationError(
      `inferenceConfig.temperature must be a number from 0 to 1, got ${JSON.stringify(temperature)}`,
    )
  }
}

function checkTools({ toolConfig }: ConverseBody) {
  if (!toolConfig) return
  const { tools, toolChoice } = toolConfig
  if (!Array.isArray(tools) || tools.length === 0)
    throw validationError('toolConfig.tools must be a list with at least one tool')
  const names: string[] = []
  for (const [index, tool] of tools.entries()) {
    if (!tool.toolSpec) continue
    const where = `toolConfig.tools.${index}.toolSpec`
    const { name, inputSchema } = tool.toolSpec
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      throw validationError(`${where}.name must match [a-zA-Z0-9_-]{1,64}, got ${JSON.stringify(name)}`)
    if (names.includes(name)) throw validationError(`${where}.name ${name} is given twice`)
    if (inputSchema?.json?.type !== 'object')
      throw validationError(`The value at ${where}.inputSchema.json.type must be one of the following: object.`)
    names.push(name)
  }
  const forced = toolChoice?.tool?.name
  if (forced !== undefined && !names.includes(forced))
    throw validationError(`toolConfig.toolChoice names ${forced}, which is not among the tools`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
