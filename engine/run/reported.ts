const MAX_PROGRESS_CHARS = 1_000
const EVENT_TYPES = ['TOOL_CALL', 'TOOL_RESULT', 'LOG']

/**
 * What an agent says through its job, as it is written down. What the types of JobContext do not allow is refused at the
 * agent's own line: further on it would be a write that the table refuses for ever.
 */

/** No number (0 of 0 done) leaves the progress as it was; beyond the ends is at the end. */
export function progressSaid(fraction: unknown, message: unknown): { progress?: number; message?: string } {
  if (typeof fraction !== 'number') throw refused('progress', 'a number from 0 to 1', fraction)
  if (message !== undefined && message !== null && typeof message !== 'string') {
    throw refused('progress', 'a text as its message', message)
  }
  return {
    progress: Number.isNaN(fraction) ? undefined : Math.min(1, Math.max(0, fraction)),
    message: message?.slice(0, MAX_PROGRESS_CHARS),
  }
}

export function textSaid(text: unknown): string {
  if (typeof text === 'string') return text
  throw refused('emit', 'a text', text)
}

export function eventSaid(type: unknown, data: unknown): Record<string, unknown> {
  if (!EVENT_TYPES.includes(type as string))
    throw refused('event', `one of ${EVENT_TYPES.join(', ')} as its type`, type)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw refused('event', 'an object as its data', data)
  }
  // As JSON has it, so that what is cut to size later is what is written.
  return JSON.parse(jsonText('event', data)) as Record<string, unknown>
}

export function jsonText(call: 'partial' | 'checkpoint' | 'event', value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw refused(call, 'a value that JSON can hold', value, cause)
  }
  if (text === undefined) throw refused(call, 'a value that JSON can hold', value)
  return text
}

/** A bug of the agent, which it ends by as by any other. */
function refused(call: string, takes: string, value: unknown, cause?: unknown): TypeError {
  const why = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : ''
  return new TypeError(`job.${call} takes ${takes}, got ${shown(value)}${why}`, { cause })
}

function shown(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value).slice(0, 80)
  }
  try {
    return JSON.stringify(value).slice(0, 80)
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object'
  }
}
