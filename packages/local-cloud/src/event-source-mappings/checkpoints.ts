import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { storageError } from '../storage-error.ts'

/** Where each mapping of a stream stands, by mapping. Lambda keeps it for a mapping; here it outlives the process. */
export interface Checkpoints {
  get(mapping: string): string | undefined
  set(mapping: string, sequenceNumber: string): void
}

const saveEveryMs = 100

/**
 * Keeps the checkpoints in `file`. A crash may lose the last moments: then a few records are delivered again, as Lambda
 * may do at any time.
 */
export function openCheckpoints(file: string): Checkpoints & { close(): void } {
  const places = existsSync(file) ? readPlaces(file) : {}
  let timer: NodeJS.Timeout | undefined
  const save = () => {
    clearTimeout(timer)
    timer = undefined
    try {
      writeFileSync(`${file}.new`, JSON.stringify(places, null, 2), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    } catch (error) {
      // An older place is as good: a few records more are delivered again. The next change saves this one, too.
      if (!storageError(error)) throw error
    }
  }
  mkdirSync(dirname(file), { recursive: true })
  return {
    get: (mapping) => places[mapping],
    set(mapping, sequenceNumber) {
      places[mapping] = sequenceNumber
      // On the system's clock: this is about the disk, not about anything that a test's clock should move.
      timer ??= setTimeout(save, saveEveryMs)
    },
    close() {
      if (timer) save()
    },
  }
}

function readPlaces(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`${file} must be JSON, written by an earlier run; delete it to read all streams again`, { cause })
  }
}
