import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Handle } from '../service.ts'
import { Bucket } from './bucket.ts'
import { BucketFolder } from './bucket-folder.ts'
import type { LifecycleRule } from './lifecycle.ts'
import { bucketOf, serve } from './protocol.ts'

/** What of `AWS::S3::Bucket` makes a difference here; BucketName is set. */
export interface BucketProperties {
  BucketName: string
  LifecycleConfiguration?: { Rules: LifecycleRule[] }
}

export interface S3 {
  handle: Handle
  /** Whether a request is for S3: no header or path of it says so in all its forms. */
  isFor(request: Pick<IncomingMessage, 'headers' | 'url'>): boolean
  createBucket(properties: BucketProperties): void
}

/** S3 with objects up to a few megabytes, in memory and, given a `path`, on disk. */
export function createS3({ clock, path }: { clock: Clock; path?: string }): S3 {
  const buckets = new Map<string, Bucket>()
  return {
    handle: serve(buckets),
    isFor: (request) =>
      buckets.has(bucketOf(request).bucket) || /\/s3\/aws4_request/.test(request.headers.authorization ?? ''),
    createBucket({ BucketName: name, LifecycleConfiguration }) {
      const rules = LifecycleConfiguration?.Rules ?? []
      const folder = path === undefined ? undefined : new BucketFolder(join(path, name))
      buckets.set(name, new Bucket({ clock, name, rules, folder }, folder?.read()))
    },
  }
}
