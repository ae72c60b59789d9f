import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { Bucket } from './bucket.ts'
import { BucketFolder } from './bucket-folder.ts'
import { deleteObject } from './delete-object.ts'
import { getObject, headObject } from './get-object.ts'
import type { LifecycleRule } from './lifecycle.ts'
import { listObjectsV2 } from './list-objects-v2.ts'
import { putObject } from './put-object.ts'
import { escapeXml, S3Error, xml } from './s3-error.ts'
import { bucketOf, readRequest, type S3Answer, type S3Request } from './s3-request.ts'

/** What of `AWS::S3::Bucket` makes a difference here; BucketName is set. */
export interface BucketProperties {
  BucketName: string
  LifecycleConfiguration?: { Rules: LifecycleRule[] }
}

export interface S3 {
  handle(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void>
  /** Whether a request is for S3: no header or path of it says so in all its forms. */
  isFor(request: Pick<IncomingMessage, 'headers' | 'url'>): boolean
  createBucket(properties: BucketProperties): void
}

/** S3 with objects up to a few megabytes, in memory and, given a `path`, on disk. */
export function createS3({ clock, path }: { clock: Clock; path?: string }): S3 {
  const buckets = new Map<string, Bucket>()

  async function answer(req: IncomingMessage, body: Buffer): Promise<S3Answer> {
    const request = readRequest(req, body)
    const bucket = buckets.get(request.bucket)
    if (!bucket) throw new S3Error('NoSuchBucket', 404, `The specified bucket does not exist: ${request.bucket}`)
    return run(bucket, request)
  }

  return {
    createBucket({ BucketName: name, LifecycleConfiguration }) {
      const rules = LifecycleConfiguration?.Rules ?? []
      const folder = path === undefined ? undefined : new BucketFolder(join(path, name))
      buckets.set(name, new Bucket({ clock, name, rules, folder }, folder?.read()))
    },
    isFor: (request) =>
      buckets.has(bucketOf(request).bucket) || /\/s3\/aws4_request/.test(request.headers.authorization ?? ''),
    async handle(req, res, body) {
      const { status, headers, body: content } = await answer(req, body).catch(failure)
      const isHead = req.method === 'HEAD'
      res.writeHead(status, { 'x-amz-request-id': randomUUID(), ...headers })
      res.end(isHead ? undefined : content)
    },
  }
}

function run(bucket: Bucket, request: S3Request): S3Answer | Promise<S3Answer> {
  const operation = `${request.method} ${request.key ? 'object' : 'bucket'}`
  switch (operation) {
    case 'GET object':
      return getObject(bucket, request)
    case 'HEAD object':
      return headObject(bucket, request)
    case 'PUT object':
      return putObject(bucket, request)
    case 'DELETE object':
      return deleteObject(bucket, request)
    case 'GET bucket':
      return listObjectsV2(bucket, request)
    case 'HEAD bucket':
      return { status: 200 }
    default:
      throw new S3Error('NotImplemented', 501, `${operation} is not emulated locally`)
  }
}

/** Anything but an S3Error is a fault of the emulator itself, and must be seen as one. */
function failure(error: unknown): S3Answer {
  if (!(error instanceof S3Error)) throw error
  const { code, message, status } = error
  const body = xml(`<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`)
  return { status, headers: { 'content-type': 'application/xml' }, body }
}
