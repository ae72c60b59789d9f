import type { Bucket } from './bucket.ts'
import { S3Error } from './s3-error.ts'
import type { S3Answer, S3Request } from './s3-request.ts'

const KEPT = /^(content-type|content-disposition|content-language|cache-control|x-amz-meta-.+)$/

export async function putObject(bucket: Bucket, { body, headers, key }: S3Request): Promise<S3Answer> {
  if (headers['x-amz-copy-source']) throw new S3Error('NotImplemented', 501, 'CopyObject is not emulated locally')
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError', 400, 'Your key is too long')
  if (headers['if-none-match'] === '*' && bucket.list().some((object) => object.key === key)) {
    throw new S3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold')
  }
  const kept = Object.entries(headers).filter(([name]) => KEPT.test(name))
  const { etag } = await bucket.put(key, Object.fromEntries(kept.map(([name, value]) => [name, String(value)])), body)
  return { status: 200, headers: { etag } }
}
