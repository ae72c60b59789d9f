import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredObject } from './stored-object.ts'

/** A bucket on disk: one file for each object, a line of JSON that describes it and then its bytes. */
export class BucketFolder {
  readonly #path: string
  #written = 0

  constructor(path: string) {
    this.#path = path
    mkdirSync(path, { recursive: true })
  }

  read(): StoredObject[] {
    const files = readdirSync(this.#path).filter((file) => file.endsWith('.object'))
    return files.map((file) => {
      const bytes = readFileSync(join(this.#path, file))
      const end = bytes.indexOf('\n')
      return { ...JSON.parse(bytes.toString('utf8', 0, end)), body: bytes.subarray(end + 1) }
    })
  }

  /** Whole or not at all: a file that was cut off by a crash never gets the object's name. */
  async write({ body, ...description }: StoredObject): Promise<void> {
    this.#written += 1
    const unfinished = join(this.#path, `${process.pid}-${this.#written}.part`)
    try {
      const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(description)}\n`), body])
      await writeFile(unfinished, bytes, { mode: 0o600 })
      await rename(unfinished, this.#fileOf(description.key))
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#fileOf(key), { force: true })
  }

  /** A key may be longer than a file name, and hold anything. */
  #fileOf(key: string): string {
    return join(this.#path, `${createHash('sha256').update(key).digest('hex')}.object`)
  }
}
