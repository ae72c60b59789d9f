import { request } from 'node:http'
import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../src/clock.ts'
import { createS3 } from '../../src/s3/s3.ts'
import { serve, temporaryFolder } from '../open-service.ts'

const Bucket = 'app-results'
const NOW = Date.parse('2026-03-01T12:00:00.000Z')

async function startS3(options: { path?: string; rules?: object[]; clock?: ManualClock } = {}) {
  const { clock = new ManualClock(NOW), path, rules = [] } = options
  const s3 = createS3({ clock, path })
  s3.createBucket({ BucketName: Bucket, LifecycleConfiguration: { Rules: rules as [] } })
  const settings = await serve(s3.handle)
  const client = new S3Client(settings)
  onTestFinished(() => client.destroy())
  const put = (Key: string, Body: string | Readable, input = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...input }))
  const get = async (Key: string, input = {}) => {
    const { Body, ...head } = await client.send(new GetObjectCommand({ Bucket, Key, ...input }))
    return { ...head, text: await Body?.transformToString() }
  }
  const keys = async (input = {}) => {
    const { Contents = [], ...page } = await client.send(new ListObjectsV2Command({ Bucket, ...input }))
    return { keys: Contents.map(({ Key }) => Key), ...page }
  }
  return { s3, clock, client, url: settings.endpoint, put, get, keys }
}

/** One request as it is, for what the SDK would not send. */
function send(url: string, method: string, path: string, headers: Record<string, string>) {
  return new Promise<{ status?: number; text: string }>((resolve, reject) => {
    const sent = request(new URL(url), { method, path, headers }, async (response) =>
      resolve({ status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() }),
    )
    sent.on('error', reject).end()
  })
}

const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260301/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
}

test('an object comes back as it was put, with its headers', async () => {
  const { client, get, put } = await startS3()
  const { ETag } = await put('results/a b/é+1.json', '{"é":1}', {
    ContentType: 'application/json; charset=utf-8',
    Metadata: { kind: 'a' },
  })
  const object = await get('results/a b/é+1.json')
  expect(object).toMatchObject({ text: '{"é":1}', ETag, ContentType: 'application/json; charset=utf-8' })
  expect(object.Metadata).toEqual({ kind: 'a' })
  expect(object.LastModified?.getTime()).toBe(NOW)
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'results/a b/é+1.json' }))
  expect(head).toMatchObject({ ETag, ContentLength: 8 })
})

test('a stream, which the SDK sends in chunks with a checksum behind, is stored as what it says', async () => {
  const { get, put } = await startS3()
  const text = 'x'.repeat(100_000)
  await put('stream', Readable.from([Buffer.from(text), Buffer.from('end')]), { ContentLength: 100_003 })
  expect((await get('stream')).text).toBe(`${text}end`)
})

test('a part of an object says how large the whole is', async () => {
  const { get, put } = await startS3()
  await put('a', '0123456789')
  const part = async (Range: string) => {
    const { ContentRange, text } = await get('a', { Range })
    return [text, ContentRange]
  }
  expect(await part('bytes=0-3')).toEqual(['0123', 'bytes 0-3/10'])
  expect(await part('bytes=0-99')).toEqual(['0123456789', 'bytes 0-9/10'])
  expect(await part('bytes=8-')).toEqual(['89', 'bytes 8-9/10'])
  expect(await part('bytes=-3')).toEqual(['789', 'bytes 7-9/10'])
  await expect(get('a', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' })
})

test('keys are listed in order, page by page, and grouped at a delimiter', async () => {
  const { client, keys, put } = await startS3()
  for (const key of ['b/2', 'a&<', 'b/1', 'c']) await put(key, 'x')
  expect((await keys()).keys).toEqual(['a&<', 'b/1', 'b/2', 'c'])
  expect((await keys({ Prefix: 'b/' })).keys).toEqual(['b/1', 'b/2'])
  const grouped = await keys({ Delimiter: '/' })
  expect(grouped.keys).toEqual(['a&<', 'c'])
  expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'b/' }])
  const first = await keys({ MaxKeys: 3 })
  expect(first.IsTruncated).toBe(true)
  const rest = await keys({ ContinuationToken: first.NextContinuationToken })
  expect([...first.keys, ...rest.keys]).toEqual(['a&<', 'b/1', 'b/2', 'c'])
  for (let twice = 0; twice < 2; twice++) await client.send(new DeleteObjectCommand({ Bucket, Key: 'b/1' }))
  expect((await keys()).keys).toEqual(['a&<', 'b/2', 'c'])
})

test('what is not there is refused by name', async () => {
  const { client, get } = await startS3()
  await expect(get('none')).rejects.toMatchObject({ name: 'NoSuchKey' })
  await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NotFound' })
  await expect(client.send(new GetObjectCommand({ Bucket: 'other', Key: 'a' }))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
})

test('the bucket may be named by the host or by the path', async () => {
  const { put, s3, url } = await startS3()
  await put('results/1', 'one')
  for (const host of [`${Bucket}.localhost:1`, `${Bucket}.s3.localhost`]) {
    expect(await send(url, 'GET', '/results/1', { ...SIGNED, host })).toEqual({ status: 200, text: 'one' })
    expect(s3.isFor({ url: '/results/1', headers: { host } })).toBe(true)
  }
  expect(await send(url, 'GET', `/${Bucket}/results/1`, SIGNED)).toMatchObject({ text: 'one' })
  expect(s3.isFor({ url: `/${Bucket}/results/1`, headers: { host: '127.0.0.1:1' } })).toBe(true)
  expect(s3.isFor({ url: '/graphql', headers: { host: '127.0.0.1:1' } })).toBe(false)
})

test('a request that is not signed as S3 asks for is refused', async () => {
  const { put, url } = await startS3()
  await put('a', 'x')
  const path = `/${Bucket}/a`
  expect(await send(url, 'GET', path, {})).toMatchObject({ status: 403, text: expect.stringContaining('AccessDenied') })
  const { authorization } = SIGNED
  const unhashed = await send(url, 'GET', path, { authorization })
  expect(unhashed).toMatchObject({ status: 400, text: expect.stringContaining('x-amz-content-sha256') })
})

test('an object is gone when its lifecycle says, at the midnight after', async () => {
  const { clock, get, keys, put } = await startS3({ rules: [{ Status: 'Enabled', ExpirationInDays: 7 }] })
  await put('a', 'here')
  await clock.advance(7 * 86_400_000 + 12 * 3_600_000 - 1)
  expect((await get('a')).text).toBe('here')
  await clock.advance(1)
  await expect(get('a')).rejects.toMatchObject({ name: 'NoSuchKey' })
  expect((await keys()).keys).toEqual([])
})

test('objects on disk outlive a restart', async () => {
  const path = await temporaryFolder()
  const before = await startS3({ path })
  await before.put('results/kept', 'line\nline', { ContentType: 'text/plain' })
  await before.put('results/deleted', 'gone')
  await before.client.send(new DeleteObjectCommand({ Bucket, Key: 'results/deleted' }))
  const after = await startS3({ path })
  expect(await after.get('results/kept')).toMatchObject({ text: 'line\nline', ContentType: 'text/plain' })
  expect((await after.keys()).keys).toEqual(['results/kept'])
})

test.each([
  '?tagging',
  '?acl',
  '?retention',
  '?legal-hold',
  '?attributes',
  '?torrent',
  '?restore',
  '?select&select-type=2',
  '?uploads',
  '?uploadId=1&partNumber=1',
  '?versionId=1',
])('%s is not emulated, and leaves the object alone', async (subresource) => {
  const { get, put, url } = await startS3()
  await put('k', 'text')
  for (const method of ['GET', 'PUT', 'DELETE', 'POST', 'HEAD']) {
    const { status, text } = await send(url, method, `/${Bucket}/k${subresource}`, SIGNED)
    expect({ method, status }).toEqual({ method, status: 501 })
    if (method !== 'HEAD') expect(text).toContain('<Code>NotImplemented</Code>')
  }
  expect((await get('k')).text).toBe('text')
})

test('the buckets are listed', async () => {
  const { client } = await startS3()
  const { Buckets } = await client.send(new ListBucketsCommand({}))
  expect(Buckets).toEqual([{ Name: Bucket, CreationDate: new Date(NOW) }])
})
