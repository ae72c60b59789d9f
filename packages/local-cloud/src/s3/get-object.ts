import type { Bucket, StoredObject } from './bucket.ts'
import { S3Error } from './s3-error.ts'
import type { S3Answer, S3Request } from './s3-request.ts'

export function getObject(bucket: Bucket, { headers, key }: S3Request): S3Answer {
  const object = bucket.get(key)
  const range = rangeOf(headers.range, object.body.length)
  if (!range) return { status: 200, headers: headersOf(object), body: object.body }
  const body = object.body.subarray(range.first, range.last + 1)
  const contentRange = `bytes ${range.first}-${range.last}/${object.body.length}`
  return { status: 206, headers: { ...headersOf(object), 'content-range': contentRange }, body }
}

/** HeadObject: what GetObject would say, without the body. */
export function headObject(bucket: Bucket, { key }: S3Request): S3Answer {
  const object = bucket.get(key)
  return { status: 200, headers: { ...headersOf(object), 'content-length': String(object.body.length) } }
}

function headersOf({ etag, headers, lastModified }: StoredObject): Record<string, string> {
  return {
    'content-type': 'binary/octet-stream',
    ...headers,
    etag,
    'last-modified': new Date(lastModified).toUTCString(),
    'accept-ranges': 'bytes',
  }
}

/** `bytes=0-99`, `bytes=100-` or `bytes=-100`; any other form is ignored, as HTTP says. */
function rangeOf(header: string | undefined, size: number): { first: number; last: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (!from && !to) return undefined
  const first = from ? Number(from) : Math.max(0, size - Number(to))
  const last = from && to ? Math.min(Number(to), size - 1) : size - 1
  if (first > last) throw new S3Error('InvalidRange', 416, 'The requested range is not satisfiable')
  return { first, last }
}
