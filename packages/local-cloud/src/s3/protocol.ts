import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../aws-error.ts'
import { s3Error } from '../refusal.ts'
import { readTarget } from '../request-target.ts'
import type { Handle } from '../service.ts'
import { decodeAwsChunks } from './aws-chunks.ts'
import type { Bucket } from './bucket.ts'
import type { Operation, S3Answer } from './operation.ts'
import { deleteObject, getObject, headBucket, headObject, listBuckets, listObjectsV2, putObject } from './operations.ts'

const operations: Record<string, Operation> = {
  'GET object': getObject,
  'HEAD object': headObject,
  'PUT object': putObject,
  'DELETE object': deleteObject,
  'GET bucket': listObjectsV2,
  'HEAD bucket': headBucket,
}

/** S3's REST API. */
export function serve(buckets: ReadonlyMap<string, Bucket>): Handle {
  return async (request, response, body) => {
    const { status, headers, body: content } = await run(buckets, request, body).catch(refuse)
    response.writeHead(status, { 'x-amz-request-id': randomUUID(), ...headers })
    response.end(request.method === 'HEAD' ? undefined : content)
  }
}

/**
 * The bucket of a request: the first label of its host (virtual-host style, `<bucket>.localhost`), else the first part of its path (path style, which SDKs choose when the endpoint is an IP address).
 */
export function bucketOf({ headers, url = '/' }: Pick<IncomingMessage, 'headers' | 'url'>): {
  bucket: string
  path: string
} {
  const { path } = readTarget({ url })
  const label = /^([a-z0-9][a-z0-9-]+)\.(?:s3\.)?localhost(?::\d+)?$/.exec(headers.host ?? '')?.[1]
  if (label) return { bucket: label, path: path.slice(1) }
  const [, bucket = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? []
  return { bucket: decodeURIComponent(bucket), path: rest }
}

async function run(buckets: ReadonlyMap<string, Bucket>, request: IncomingMessage, body: Buffer): Promise<S3Answer> {
  const { bucket: name, path } = bucketOf(request)
  const { headers, method = 'GET' } = request
  const { query } = readTarget(request)
  refuseUnsigned(headers, query)
  const key = decodeURIComponent(path)
  if (name === '' && method === 'GET') return listBuckets(buckets.values())
  refuseSubresource(query)
  const bucket = buckets.get(name)
  if (!bucket) throw new AwsError('NoSuchBucket', 404, `The specified bucket does not exist: ${name}`)
  const asked = `${method} ${key ? 'object' : 'bucket'}`
  const operation = operations[asked]
  if (!operation) throw new AwsError('NotImplemented', 501, `${asked} is not emulated locally`)
  return operation(bucket, { key, query, headers, body: decodeAwsChunks(headers, body) })
}

/** What a request may say of the object or the list itself, beside its signature and what the SDKs note for themselves. */
const OF_THE_OBJECT = new Set(
  'list-type prefix delimiter max-keys continuation-token start-after fetch-owner encoding-type'.split(' '),
)

/** `?tagging`, `?acl` and the like are things of their own beside an object: none of them is the object. */
function refuseSubresource(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (OF_THE_OBJECT.has(name) || /^(x-id$|x-amz-|response-)/i.test(name)) continue
    throw new AwsError('NotImplemented', 501, `?${name} is not emulated locally`)
  }
}

/** Signatures are not verified, but as every bucket is private, there must be one. */
function refuseUnsigned(headers: IncomingMessage['headers'], query: URLSearchParams): void {
  if (query.has('X-Amz-Signature')) return
  if (!headers.authorization) throw new AwsError('AccessDenied', 403, 'Access Denied')
  if (headers['x-amz-content-sha256'] !== undefined) return
  throw new AwsError('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256')
}

/** Anything but an AwsError is a fault of the emulator itself, and must be seen as one. */
function refuse(error: unknown): S3Answer {
  if (!(error instanceof AwsError)) throw error
  return { status: error.status, headers: { 'content-type': 'application/xml' }, body: s3Error(error) }
}
