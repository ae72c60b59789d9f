import { AwsError } from '../aws-error.ts'
import type { Bucket } from './bucket.ts'
import type { Operation, S3Answer } from './operation.ts'
import type { StoredObject } from './stored-object.ts'
import { bucketsXml, type ListEntry, listXml } from './xml.ts'

const KEPT = /^(content-type|content-disposition|content-language|cache-control|x-amz-meta-.+)$/

export const getObject: Operation = (bucket, { headers, key }) => {
  const object = bucket.get(key)
  const range = rangeOf(headers.range, object.body.length)
  if (!range) return { status: 200, headers: headersOf(object), body: object.body }
  const body = object.body.subarray(range.first, range.last + 1)
  const contentRange = `bytes ${range.first}-${range.last}/${object.body.length}`
  return { status: 206, headers: { ...headersOf(object), 'content-range': contentRange }, body }
}

/** What GetObject would say, without the body. */
export const headObject: Operation = (bucket, { key }) => {
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
  if (first > last) throw new AwsError('InvalidRange', 416, 'The requested range is not satisfiable')
  return { first, last }
}

export const putObject: Operation = async (bucket, { body, headers, key }) => {
  if (headers['x-amz-copy-source']) throw new AwsError('NotImplemented', 501, 'CopyObject is not emulated locally')
  if (Buffer.byteLength(key) > 1024) throw new AwsError('KeyTooLongError', 400, 'Your key is too long')
  if (headers['if-none-match'] === '*' && bucket.list().some((object) => object.key === key)) {
    throw new AwsError('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold')
  }
  const kept = Object.entries(headers).filter(([name]) => KEPT.test(name))
  const { etag } = await bucket.put(key, Object.fromEntries(kept.map(([name, value]) => [name, String(value)])), body)
  return { status: 200, headers: { etag } }
}

/** Deleting what is not there is a success too. */
export const deleteObject: Operation = async (bucket, { key }) => {
  await bucket.delete(key)
  return { status: 204 }
}

export function listBuckets(buckets: Iterable<Bucket>): S3Answer {
  const body = bucketsXml([...buckets].map(({ createdAt, name }) => ({ createdAt, name })))
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

/** A bucket that is not there has been refused before. */
export const headBucket: Operation = () => ({ status: 200 })

export const listObjectsV2: Operation = (bucket, { query }) => {
  if (query.get('list-type') !== '2') {
    throw new AwsError('NotImplemented', 501, 'Of the lists, only ListObjectsV2 is emulated locally')
  }
  const prefix = query.get('prefix') ?? ''
  const max = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  const token = query.get('continuation-token')
  const after = token === null ? query.get('start-after') : Buffer.from(token, 'base64url').toString()
  const entries = entriesOf(bucket, prefix, query.get('delimiter')).filter(({ name }) => after === null || name > after)
  const page = entries.slice(0, max)
  const next = entries.length > max ? page.at(-1)?.name : undefined
  const continuationToken = next === undefined ? undefined : Buffer.from(next).toString('base64url')
  const body = listXml({ bucket: bucket.name, prefix, max, entries: page, continuationToken })
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

function entriesOf(bucket: Bucket, prefix: string, delimiter: string | null): ListEntry[] {
  const entries = new Map<string, StoredObject | undefined>()
  for (const object of bucket.list().filter(({ key }) => key.startsWith(prefix))) {
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1
    if (end < 0) entries.set(object.key, object)
    else entries.set(object.key.slice(0, end + (delimiter as string).length), undefined)
  }
  return [...entries].map(([name, object]) => ({ name, object }))
}
