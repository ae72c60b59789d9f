import type { Bucket } from './bucket.ts'
import type { S3Answer, S3Request } from './s3-request.ts'

/** Deleting what is not there is a success too. */
export async function deleteObject(bucket: Bucket, { key }: S3Request): Promise<S3Answer> {
  await bucket.delete(key)
  return { status: 204 }
}
