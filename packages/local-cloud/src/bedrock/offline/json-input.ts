import type { ConverseBody } from '../operation.ts'

/** The data a request is about: the last JSON block that the user sent, fenced or as the whole text. */
export function jsonInput({ messages }: ConverseBody): unknown {
  const texts = messages.flatMap(({ role, content }) => {
    return role === 'user' ? content.flatMap((block) => block.text ?? []) : []
  })
  for (const text of texts.reverse()) {
    const fenced = [...text.matchAll(/```json\s*\n([\s\S]*?)\n```/g)].at(-1)?.[1]
    const value = parse(fenced ?? text)
    if (value !== undefined) return value
  }
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Most texts are prose; only the caller's search ends with nothing found.
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() ? value.trim() : undefined
}
