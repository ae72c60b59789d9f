import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { storageError } from '../storage-error.ts'
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
 *
 * A message that cannot be written is refused. What is taken away is gone from the queue all the same, and is written with
 * the next line that can be: at worst it comes once more after a restart.
 */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true })
  const queues = new Map<string, Map<string, Stored>>()
  for (const line of readLines(file)) apply(queues, line)
  let descriptor = openSync(file, 'a', 0o600)
  // What comes behind the last line end was being written when the process died, and nobody was told that it was.
  let size = readFileSync(file).lastIndexOf('\n') + 1
  ftruncateSync(descriptor, size)
  let lines = 0
  /** What was taken away and could not be written yet. */
  let owed = ''
  let isClosed = false
  rewrite()

  function rewrite(): void {
    const kept = [...queues].flatMap(([queue, messages]) =>
      [...messages.values()].map((stored): Line => ['add', queue, stored]),
    )
    const text = kept.map(textOf).join('')
    try {
      writeFileSync(`${file}.new`, text, { mode: 0o600 })
      renameSync(`${file}.new`, file)
    } catch (error) {
      if (!storageError(error)) throw error
      // The longer one will do until there is room for another.
      rmSync(`${file}.new`, { force: true })
      lines = 0
      return
    }
    closeSync(descriptor)
    descriptor = openSync(file, 'a')
    lines = kept.length
    size = Buffer.byteLength(text)
    owed = ''
  }

  function append(text: string): void {
    const bytes = Buffer.from(text)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    } catch (error) {
      // Half a line in the midst of the file could not be read again.
      ftruncateSync(descriptor, size)
      throw storageError(error) ?? error
    }
    size += bytes.length
  }

  function write(line: Line): void {
    // What a closing cloud still deletes comes once more after the restart, as SQS may do at any time.
    if (isClosed) return
    const text = textOf(line)
    try {
      append(owed + text)
      owed = ''
    } catch (error) {
      if (line[0] === 'add') throw error
      owed += text
    }
    apply(queues, line)
    const left = [...queues.values()].reduce((sum, messages) => sum + messages.size, 0)
    if (++lines > SPARE_LINES + 4 * left) rewrite()
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
  const texts = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  try {
    return texts.map((text) => JSON.parse(text))
  } catch (cause) {
    throw new Error(`${file} must have a line of JSON for each change; delete it to start with empty queues`, { cause })
  }
}
