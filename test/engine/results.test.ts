import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClaimedJob } from '../../engine/job/job.ts'
import { bucketUrl, createStoreResult, resultKey } from '../../engine/store/results.ts'

const credentials = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' })
let answer = { status: 200, body: '' }
let last: { method: string; path: string; headers: IncomingHttpHeaders; body: string } | undefined
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { method = '', url: path = '', headers } = request
  last = { method, path, headers, body: Buffer.concat(chunks).toString() }
  response.writeHead(answer.status).end(answer.body)
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const store = (endpoint = url) =>
  createStoreResult({ name: 'results-1', domain: 'd', region: 'eu-west-1', endpoint, credentials })
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

test('a result is put under its key, signed as S3 wants it', async () => {
  answer = { status: 200, body: '' }
  await store()('results/a/1.json', '{"é":1}')
  const { method, path, headers, body } = last as NonNullable<typeof last>
  expect({ method, path, body }).toEqual({ method: 'PUT', path: '/results-1/results/a/1.json', body: '{"é":1}' })
  expect(headers['content-type']).toBe('application/json')
  expect(headers['x-amz-content-sha256']).toBe(sha256(body))
  // Signed once more, by the recipe of the S3 documentation, from what came over the wire.
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1] ?? ''
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const canonical = ['PUT', path, '', lines.join(''), names, sha256(body)].join('\n')
  const date = String(headers['x-amz-date'])
  const scope = [date.slice(0, 8), 'eu-west-1', 's3', 'aws4_request']
  const key = scope.reduce<string | Buffer>(hmac, 'AWS4secret')
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  expect(headers.authorization).toContain(`Signature=${hmac(key, toSign).toString('hex')}`)
})

test.each([
  [undefined, 'https://b.s3.cn-north-1.amazonaws.com.cn'],
  ['http://localhost:4000', 'http://localhost:4000/b'],
  ['http://s3:9000/', 'http://s3:9000/b'],
])('with the endpoint %s the bucket is at %s', (endpoint, at) => {
  expect(bucketUrl({ name: 'b', domain: 'b.s3.cn-north-1.amazonaws.com.cn', endpoint })).toBe(at)
})

test.each([
  [503, 'RetryLater', 'RESULT_STORE_BUSY'],
  [500, 'RetryLater', 'RESULT_STORE_BUSY'],
  [409, 'RetryLater', 'RESULT_STORE_BUSY'],
  [403, 'PermanentFailure', 'RESULT_STORE_REFUSED'],
  [404, 'PermanentFailure', 'RESULT_STORE_REFUSED'],
])('HTTP %i is a %s', async (status, name, code) => {
  answer = { status, body: '<Error><Code>Why</Code></Error>' }
  const message = expect.stringMatching(new RegExp(`results-1 \\(HTTP ${status}\\): .*Why`))
  await expect(store()('k', '1')).rejects.toMatchObject({ name, code, message, remediation: expect.any(String) })
})

test('nobody there is tried again', async () => {
  const failed = store('http://127.0.0.1:1')('k', '1')
  await expect(failed).rejects.toMatchObject({ name: 'RetryLater', code: 'RESULT_STORE_UNREACHABLE' })
})

test('a key is made of letters that need no escape, and no two jobs or runs share one', () => {
  const key = (id: string, claims = 1, uid = 'u1') => resultKey({ id, uid, claims } as ClaimedJob)
  expect(key('01J-a_b', 2)).toBe('results/01J-a_b/u1/2.json')
  expect(key('a', 1, 'u2')).not.toBe(key('a'))
  const odd = ['a/b', '../a', 'a b', 'é', 'a%2Fb'].map((id) => key(id))
  for (const each of [...odd, key('a', 1, '../é')]) expect(each).toMatch(/^results\/[\w-]+\/[\w-]+\/1\.json$/)
  expect(new Set(odd).size).toBe(odd.length)
})
