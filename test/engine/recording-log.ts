import type { Log } from '../../engine/log.ts'

/** A log that keeps its lines, so that a test can ask for what was said. */
export function recordingLog(): Log & { lines: string[] } {
  const lines: string[] = []
  const write =
    (level: string) =>
    (message: unknown, ...rest: unknown[]) => {
      lines.push(`${level} ${message} ${rest.map(readable).join(' ')}`)
    }
  return { lines, debug: write('DEBUG'), info: write('INFO'), warn: write('WARN'), error: write('ERROR') }
}

function readable(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (part instanceof Error ? { message: part.message } : part))
}
