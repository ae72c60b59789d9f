import type { IncomingHttpHeaders } from 'node:http'
import type { Bucket } from './bucket.ts'

/** One call of S3, wherever the request named its bucket. */
export interface S3Request {
  /** Empty for a call on the bucket itself. */
  key: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface S3Answer {
  status: number
  headers?: Record<string, string>
  /** An object's bytes, or an XML document. */
  body?: Buffer | string
}

export type Operation = (bucket: Bucket, request: S3Request) => S3Answer | Promise<S3Answer>
