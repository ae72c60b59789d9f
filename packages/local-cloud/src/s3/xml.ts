import { escapeXml, xml } from '../xml.ts'
import type { StoredObject } from './stored-object.ts'

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** An object, or in place of those that share what comes before the delimiter, that prefix. */
export interface ListEntry {
  name: string
  object?: StoredObject
}

export interface ObjectList {
  bucket: string
  prefix: string
  max: number
  entries: ListEntry[]
  /** Undefined when this is the last page. */
  continuationToken: string | undefined
}

export function listXml({ bucket, prefix, max, entries, continuationToken: token }: ObjectList): string {
  const parts = [
    `<Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><MaxKeys>${max}</MaxKeys>`,
    `<KeyCount>${entries.length}</KeyCount><IsTruncated>${token !== undefined}</IsTruncated>`,
    token === undefined ? '' : `<NextContinuationToken>${token}</NextContinuationToken>`,
    ...entries.map(({ name, object }) => (object ? contents(object) : commonPrefix(name))),
  ]
  return xml(`<ListBucketResult xmlns="${NAMESPACE}">${parts.join('')}</ListBucketResult>`)
}

export function bucketsXml(buckets: { name: string; createdAt: number }[]): string {
  const all = buckets.map(({ createdAt, name }) => {
    return `<Bucket><Name>${name}</Name><CreationDate>${new Date(createdAt).toISOString()}</CreationDate></Bucket>`
  })
  const owner = '<Owner><ID>local</ID><DisplayName>local</DisplayName></Owner>'
  return xml(
    `<ListAllMyBucketsResult xmlns="${NAMESPACE}">${owner}<Buckets>${all.join('')}</Buckets></ListAllMyBucketsResult>`,
  )
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
