import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from './dynamodb/dynalite.ts'

/**
 * Takes the state folder for this process, for nobody else to read, before anything in it is opened. Node has no locks on
 * files; that of an empty LevelDB ends with its process, whatever ends that.
 */
export async function lockStateFolder(folder: string): Promise<{ release(): Promise<void> }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const lock = new Level(join(folder, 'lock'), { valueEncoding: 'utf8' })
  try {
    await lock.open()
  } catch (error) {
    const { code, message } = (error as { cause?: { code?: string; message?: string } }).cause ?? {}
    if (code !== 'LEVEL_LOCKED') throw new Error(`the state folder ${folder} cannot be opened: ${message ?? error}`)
    throw new Error(
      `the state folder ${folder} is in use by another process: stop that one, or name another by --state`,
    )
  }
  return { release: () => lock.close() }
}
