export interface StoredObject {
  key: string
  /** What came with the object and goes out with it: its content type, encoding and `x-amz-meta-` names. */
  headers: Record<string, string>
  etag: string
  lastModified: number
  body: Buffer
}
