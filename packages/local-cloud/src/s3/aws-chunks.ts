import type { IncomingHttpHeaders } from 'node:http'

/**
 * The body that a client meant. SDKs send streams in `aws-chunked` coding: chunks with their size in hexadecimal before
 * them (and a signature after the size), and a checksum as a trailer.
 */
export function decodeAwsChunks(headers: IncomingHttpHeaders, body: Buffer): Buffer {
  const isChunked =
    headers['content-encoding']?.includes('aws-chunked') ||
    String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')
  if (!isChunked) return body
  const chunks: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.toString('latin1', at, end), 16)
    if (end < 0 || !(size > 0)) break
    chunks.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(chunks)
}
