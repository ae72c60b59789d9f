import { createHash } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import type { Clock } from '../clock.ts'
import type { BucketFolder } from './bucket-folder.ts'
import { expiresAt, type LifecycleRule } from './lifecycle.ts'
import type { StoredObject } from './stored-object.ts'

export interface BucketOptions {
  clock: Clock
  name: string
  rules: LifecycleRule[]
  /** Keeps the objects over restarts. */
  folder?: BucketFolder
}

/** The objects of one bucket. What its lifecycle rules have expired is gone from the moment that it is due. */
export class Bucket {
  readonly name: string
  readonly createdAt: number
  readonly #options: BucketOptions
  readonly #objects = new Map<string, StoredObject>()

  constructor(options: BucketOptions, stored: StoredObject[] = []) {
    this.name = options.name
    this.createdAt = options.clock.now()
    this.#options = options
    for (const object of stored) this.#objects.set(object.key, object)
  }

  async put(key: string, headers: Record<string, string>, body: Buffer): Promise<StoredObject> {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`
    const object = { key, headers, etag, lastModified: this.#options.clock.now(), body }
    await this.#options.folder?.write(object)
    this.#objects.set(key, object)
    return object
  }

  get(key: string): StoredObject {
    const object = this.#objects.get(key)
    if (!object || this.#isExpired(object)) throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.')
    return object
  }

  async delete(key: string): Promise<void> {
    if (!this.#objects.delete(key)) return
    await this.#options.folder?.remove(key)
  }

  /** In the order of their keys' bytes. */
  list(): StoredObject[] {
    const all = [...this.#objects.values()].filter((object) => !this.#isExpired(object))
    return all.sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
  }

  #isExpired({ key, lastModified }: StoredObject): boolean {
    const at = expiresAt(this.#options.rules, key, lastModified)
    if (at === undefined || at > this.#options.clock.now()) return false
    void this.delete(key)
    return true
  }
}
