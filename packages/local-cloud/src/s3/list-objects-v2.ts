import type { Bucket, StoredObject } from './bucket.ts'
import { escapeXml, S3Error, xml } from './s3-error.ts'
import type { S3Answer, S3Request } from './s3-request.ts'

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

export function listObjectsV2(bucket: Bucket, { query }: S3Request): S3Answer {
  if (query.get('list-type') !== '2') {
    throw new S3Error('NotImplemented', 501, 'Of the lists, only ListObjectsV2 is emulated locally')
  }
  const prefix = query.get('prefix') ?? ''
  const max = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  const token = query.get('continuation-token')
  const after = token === null ? query.get('start-after') : Buffer.from(token, 'base64url').toString()
  const entries = entriesOf(bucket, prefix, query.get('delimiter')).filter(({ name }) => after === null || name > after)
  const page = entries.slice(0, max)
  const next = entries.length > max ? page.at(-1)?.name : undefined
  const parts = [
    `<Name>${bucket.name}</Name><Prefix>${escapeXml(prefix)}</Prefix><MaxKeys>${max}</MaxKeys>`,
    `<KeyCount>${page.length}</KeyCount><IsTruncated>${next !== undefined}</IsTruncated>`,
    next === undefined
      ? ''
      : `<NextContinuationToken>${Buffer.from(next).toString('base64url')}</NextContinuationToken>`,
    ...page.map(({ name, object }) => (object ? contents(object) : commonPrefix(name))),
  ]
  const body = xml(`<ListBucketResult xmlns="${NAMESPACE}">${parts.join('')}</ListBucketResult>`)
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

/** Objects, and in place of those that share what comes before the delimiter, that prefix once. */
function entriesOf(
  bucket: Bucket,
  prefix: string,
  delimiter: string | null,
): { name: string; object?: StoredObject }[] {
  const entries = new Map<string, StoredObject | undefined>()
  for (const object of bucket.list().filter(({ key }) => key.startsWith(prefix))) {
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1
    if (end < 0) entries.set(object.key, object)
    else entries.set(object.key.slice(0, end + (delimiter as string).length), undefined)
  }
  return [...entries].map(([name, object]) => ({ name, object }))
}

function contents({ body, etag, key, lastModified }: StoredObject): string {
  const modified = new Date(lastModified).toISOString()
  return (
    `<Contents><Key>${escapeXml(key)}</Key><LastModified>${modified}</LastModified><ETag>${escapeXml(etag)}</ETag>` +
    `<Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  )
}

function commonPrefix(name: string): string {
  return `<CommonPrefixes><Prefix>${escapeXml(name)}</Prefix></CommonPrefixes>`
}
