import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMutate, isOfUpgrade, publishAgentJob } from '../../engine/push/mutations.ts'
import { PermanentFailure, RetryLater } from '../../sdk/failures.ts'

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }
const credentials = async () => keys
let answer = { status: 200, body: '{"data":{}}' }
let last: { headers: IncomingHttpHeaders; body: string; path: string } | undefined
let sockets = 0
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  last = { headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? '' }
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
})
let mutate: ReturnType<typeof createMutate>
let url = ''

beforeAll(async () => {
  server.on('connection', () => sockets++)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  mutate = createMutate({ graphqlUrl: url, region: 'eu-west-1', credentials })
})
beforeEach(() => {
  answer = { status: 200, body: '{"data":{}}' }
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('a mutation carries a signature that the receiver arrives at too', async () => {
  await mutate(publishAgentJob, { id: 'é' })
  const { headers, body, path } = last as NonNullable<typeof last>
  expect(JSON.parse(body)).toEqual({ query: publishAgentJob, variables: { input: { id: 'é' } } })
  expect(headers.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/appsync\/aws4_request/)
  expect(headers['x-amz-security-token']).toBe('session')
  // Signed once more, by the crypto of the platform, from what came over the wire.
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
  expect(names).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']))
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]))
  const date = String(headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5')
  const again = await new SignatureV4({
    service: 'appsync',
    region: 'eu-west-1',
    sha256: (await import('@smithy/core/serde')).Hash.bind(null, 'sha256') as never,
    credentials: keys,
  }).sign(
    { method: 'POST', protocol: 'http:', hostname: '127.0.0.1', path, query: {}, headers: signed, body },
    { signingDate: new Date(date) },
  )
  expect(again.headers.authorization).toBe(headers.authorization)
})

test('one connection serves one mutation after the other', async () => {
  sockets = 0
  for (let n = 0; n < 5; n++) await mutate(publishAgentJob, { n })
  expect(sockets).toBeLessThanOrEqual(1)
})

describe('faults', () => {
  const errors = (errorType: string | null, message = 'no') => ({
    status: 200,
    body: JSON.stringify({ data: null, errors: [{ errorType, message }] }),
  })
  test.each([
    ['a throttled API', { status: 429, body: '{"errors":[{"message":"Rate exceeded"}]}' }],
    ['a broken API', { status: 503, body: 'oops' }],
    ['a throttled table behind it', errors('DynamoDB:ProvisionedThroughputExceededException')],
    ['an inner fault', errors('InternalFailure')],
  ])('%s passes by itself', async (_what, given) => {
    answer = given
    await expect(mutate(publishAgentJob, {})).rejects.toThrow(RetryLater)
  })

  test.each([
    [
      'no permission',
      { status: 401, body: '{"errors":[{"errorType":"UnauthorizedException","message":"You may not"}]}' },
    ],
    ['a denied field', errors('Unauthorized', 'You may not')],
    ['a document that the schema refuses', errors(null, "Validation error: 'You may not' is undefined")],
    ['no GraphQL at all', { status: 404, body: 'You may not' }],
  ])('%s does not, and the message says what came', async (what, given) => {
    answer = given
    const refused = mutate(publishAgentJob, {})
    await expect(refused).rejects.toThrow(PermanentFailure)
    await expect(refused).rejects.toThrow(/You may not/)
    // What does not fit the schema may be of an upgrade; what a resolver refuses is not.
    const fault = await refused.catch((error) => error)
    expect(isOfUpgrade(fault)).toBe(what.includes('the schema'))
  })

  test('an API that is not there passes by itself, and names its address', async () => {
    const graphqlUrl = `http://127.0.0.1:${await freePort()}/graphql`
    const unreachable = createMutate({ graphqlUrl, region: 'x', credentials })(publishAgentJob, {})
    await expect(unreachable).rejects.toThrow(RetryLater)
    await expect(unreachable).rejects.toThrow(graphqlUrl)
    await expect(unreachable).rejects.toThrow('ECONNREFUSED')
  })

  test('without credentials nothing is sent', async () => {
    last = undefined
    const none = async () => Promise.reject(new Error('no role'))
    await expect(
      createMutate({ graphqlUrl: url, region: 'x', credentials: none })(publishAgentJob, {}),
    ).rejects.toThrow('no role')
    expect(last).toBeUndefined()
  })
})

async function freePort(): Promise<number> {
  const other = createServer()
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve)
  })
  const { port } = other.address() as AddressInfo
  await new Promise((resolve) => other.close(resolve))
  return port
}
