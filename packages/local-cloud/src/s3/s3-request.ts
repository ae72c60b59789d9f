import type { IncomingMessage } from 'node:http'
import { decodeAwsChunks } from './aws-chunks.ts'
import { S3Error } from './s3-error.ts'

/** One call of S3, wherever the request named its bucket. */
export interface S3Request {
  method: string
  bucket: string
  /** Empty for a call on the bucket itself. */
  key: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: Buffer
}

/** What S3 answers. */
export interface S3Answer {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string
}

/**
 * The bucket of a request: the first label of its host (virtual-host style: the bucket's own domain names, and
 * `<bucket>.localhost`), else the first part of its path (path style, which SDKs choose when the endpoint is an IP address).
 */
export function bucketOf({ headers, url = '/' }: Pick<IncomingMessage, 'headers' | 'url'>): {
  bucket: string
  path: string
} {
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  const path = url.replace(/\?.*$/s, '')
  const label = /^([a-z0-9][a-z0-9-]+)\.(?:s3[.-].*\.amazonaws\.com|s3\.amazonaws\.com|(?:s3\.)?localhost)$/.exec(
    host,
  )?.[1]
  if (label) return { bucket: label, path: path.slice(1) }
  const [, bucket = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? []
  return { bucket: decodeURIComponent(bucket), path: rest }
}

export function readRequest(request: IncomingMessage, body: Buffer): S3Request {
  const { bucket, path } = bucketOf(request)
  const { headers, method = 'GET', url = '/' } = request
  const query = new URLSearchParams(url.split('?')[1] ?? '')
  refuseUnsigned(headers, query)
  return { method, bucket, key: decodeURIComponent(path), query, headers, body: decodeAwsChunks(headers, body) }
}

/** Signatures are not verified, but as every bucket is private, there must be one. */
function refuseUnsigned(headers: IncomingMessage['headers'], query: URLSearchParams): void {
  if (query.has('X-Amz-Signature')) return
  if (!headers.authorization) throw new S3Error('AccessDenied', 403, 'Access Denied')
  if (headers['x-amz-content-sha256'] !== undefined) return
  throw new S3Error('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256')
}
