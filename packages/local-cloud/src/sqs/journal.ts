import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Message } from './message.ts'

/** A message that is in a queue, and when it can be received first (epoch ms). */
export interface Stored {
  message: Message
  showAt: number
}

/** Keeps what is in the queues over restarts. */
export interface Journal {
  /** The messages that a queue had when the last process ended, in the order they came. */
  messagesOf(queue: string): Stored[]
  add(queue: string, stored: Stored): void
  delete(queue: string, messageId: string): void
  purge(queue: string): void
  close(): void
}

type Line = ['add', string, Stored] | ['delete', string, string] | ['purge', string]

/** Written anew when it has so many lines more than four for each message that is left. */
const SPARE_LINES = 1_000

/**
 * One line for each change, written before the change is answered: a process that is killed loses none. Who had received
 * a message is not kept. Its receiver died with the process, so it can be received again at once.
 */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true })
  const queues = new Map<string, Map<string, Stored>>()
  for (const line of readLines(file)) apply(queues, line)
  let lines = 0
  let descriptor = rewrite()
  let isClosed = false

  function rewrite(): number {
    const kept = [...queues].flatMap(([queue, messages]) =>
      [...messages.values()].map((stored): Line => ['add', queue, stored]),
    )
    writeFileSync(`${file}.new`, kept.map(textOf).join(''))
    renameSync(`${file}.new`, file)
    lines = kept.length
    return openSync(file, 'a')
  }

  function write(line: Line): void {
    // What a closing cloud still deletes comes once more after the restart, as SQS may do at any time.
    if (isClosed) return
    apply(queues, line)
    writeSync(descriptor, textOf(line))
    const left = [...queues.values()].reduce((sum, messages) => sum + messages.size, 0)
    if (++lines <= SPARE_LINES + 4 * left) return
    closeSync(descriptor)
    descriptor = rewrite()
  }

  return {
    messagesOf: (queue) => [...(queues.get(queue)?.values() ?? [])],
    add: (queue, stored) => write(['add', queue, stored]),
    delete: (queue, messageId) => write(['delete', queue, messageId]),
    purge: (queue) => write(['purge', queue]),
    close() {
      isClosed = true
      closeSync(descriptor)
    },
  }
}

function apply(queues: Map<string, Map<string, Stored>>, [change, queue, about]: Line): void {
  const messages = queues.get(queue) ?? new Map<string, Stored>()
  queues.set(queue, messages)
  if (change === 'add') messages.set(about.message.messageId, about)
  else if (change === 'delete') messages.delete(about)
  else messages.clear()
}

const textOf = (line: Line) => `${JSON.stringify(line)}\n`

function readLines(file: string): Line[] {
  if (!existsSync(file)) return []
  // What comes behind the last line end was being written when the process died, and nobody was told that it was.
  const texts = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  try {
    return texts.map((text) => JSON.parse(text))
  } catch (cause) {
    throw new Error(`${file} must have a line of JSON for each change; delete it to start with empty queues`, { cause })
  }
}
